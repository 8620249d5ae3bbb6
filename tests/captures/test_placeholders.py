"""Placeholders: typed, named by their place, and only for what really belongs to the run."""

from captures.placeholders import Naming, Window, zones_of

START = 1_795_330_000.0
THREAD = "01a20201-c480-7000-8000-000000000001"  # version 7, made 1795330000 s after the epoch
OTHER = "01a20201-c481-7000-8000-000000000002"
V4 = "6dfa5d9a-9a09-47d7-94a0-5abbb8854046"


def naming(**more: object) -> Naming:
    return Naming(window=Window(start=START, end=START + 20), facts={"/var/tmp/root": "<root>"}, **more)  # type: ignore[arg-type]


def test_ids_are_named_by_the_place_that_defines_them() -> None:
    names = naming()
    assert names.text(THREAD, "r1", "session_id") == "<uuid7:thread>"
    assert names.text(OTHER, "r1", "turn_id") == "<uuid7:turn.1>"
    assert names.text(f"msg_{V4}", "r1", "id") == "msg_<uuid4:r1.1>"
    assert names.text(f"{THREAD}:0", "rollout1", "anything") == "<uuid7:thread>:0"


def test_a_second_thread_gets_a_name_of_its_own() -> None:
    names = naming()
    assert names.text(THREAD, "r1", "session_id") == "<uuid7:thread>"
    assert names.text(OTHER, "r1", "session_id") == "<uuid7:thread.2>"


def test_an_id_made_at_another_time_stays_as_it_is() -> None:
    old = "019b0000-0000-7000-8000-000000000001"
    assert naming().text(old, "r1", "session_id") == old


def test_an_id_of_the_scenario_means_itself() -> None:
    assert naming(literal=frozenset({V4})).text(V4, "r1") == V4


def test_the_version_digit_is_part_of_the_kind() -> None:
    assert naming().text(V4, "r1", "session_id") == "<uuid4:thread>"


def test_times_are_replaced_inside_the_run_only() -> None:
    names = naming()
    assert names.text("2026-11-22T06:46:45.123Z", "x") == "<time:ms>Z"
    assert names.text("2026-11-22T06:46:45Z", "x") == "<time:s>Z"
    assert names.text("2026-11-22T08:46:45.123Z", "x").startswith("<today>T08")
    assert names.text("rollout-2026-11-22T06-46-45-x", "x") == "rollout-<time:file>-x"
    assert names.number(int(START) + 3, "x", "n") == "<unix:s>"
    assert names.number(int(START + 3) * 1000, "x", "n") == "<unix:ms>"
    assert names.number(START + 3.25, "x", "n") == "<unix:float>"
    assert names.number(int(START) + 3000, "x", "n") == int(START) + 3000
    assert names.number(200, "x", "n") == 200


def test_a_time_keeps_the_form_of_its_zone() -> None:
    assert naming().text("2026-11-22T06:46:45+00:00,x", "file") == "<time:s>+00:00,x"


def test_chunk_and_session_ids_keep_identity() -> None:
    names = naming()
    first = names.text("Chunk ID: a1b2c3\nProcess running with session ID 4711\n", "r2")
    assert first == "Chunk ID: <chunk:r2.1>\nProcess running with session ID <session:r2.2>\n"
    assert names.value({"session_id": 4711}, "r3") == {"session_id": "<session:r2.2>"}
    assert names.value({"process_id": "4711"}, "rollout1") == {"process_id": "<session:r2.2>"}


def test_a_job_has_a_short_name_in_files_and_on_the_screen() -> None:
    names = naming()
    assert names.text("rows.agent-job-a63da7ce.csv", "r1") == "rows.agent-job-<hex:job>.csv"
    assert names.text("\x1b[2Kjob a63da7ce [###]", "stderr") == "\x1b[2Kjob <hex:job> [###]"
    assert names.text("job a63da7ce [", "r1") == "job a63da7ce ["


def test_facts_are_put_back_by_exact_value_in_keys_too() -> None:
    assert naming().value({"/var/tmp/root/ws": ["/var/tmp/root"]}, "r1") == {"<root>/ws": ["<root>"]}


def test_a_keyed_fact_needs_its_key_and_its_whole_value() -> None:
    names = naming(keyed={("timezone", "Etc/UTC"): "<tz>"})
    assert names.value({"timezone": "Etc/UTC", "other": "Etc/UTC"}, "r1") == {"timezone": "<tz>", "other": "Etc/UTC"}
    assert names.value({"timezone": "UTC"}, "r1") == {"timezone": "UTC"}


def test_a_day_is_told_in_the_zone_of_the_run() -> None:
    noon = START + 10 * 3600  # 2026-11-22 16:46:40 in UTC, 06:46:40 of the next day in Kiritimati
    far = Window(start=noon, end=noon + 20, zones=zones_of(["Pacific/Kiritimati", "Nowhere/Else"]))
    assert Window(start=noon, end=noon + 20, zones=zones_of([])).dates == {"2026-11-22"}
    assert far.dates == {"2026-11-22", "2026-11-23"}
    names = Naming(window=far, facts={})
    assert names.text("it is 2026-11-23", "r1") == "it is <today>"
    assert names.text("it is 2026-11-21", "r1") == "it is 2026-11-21"
    assert names.text("rollout-2026-11-23T06-46-45-", "r1") == "rollout-<time:file>-"
    assert names.text("rollout-2026-11-23T05-46-45-", "r1") == "rollout-<today>T05-46-45-"


def test_the_clock_of_a_tool_is_a_time_of_the_run_or_stays() -> None:
    assert naming().text("It is 2026-11-22 06:46:45 UTC.", "r1") == "It is <time:clock> UTC."
    assert naming().text("It is 2025-11-22 05:26:45 UTC.", "r1") == "It is 2025-11-22 05:26:45 UTC."


def test_a_nickname_is_a_whole_word() -> None:
    names = naming(nicknames=frozenset({"Mill"}))
    assert names.text("- a: Mill, Miller", "r1") == "- a: <nickname:r1.1>, Miller"

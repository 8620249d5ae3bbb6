"""Feature flags: what the configuration makes of them, and what is told about that."""

from typing import Any

from pycodex.features import Features, FeatureStyle, resolve_features

KNOWN: dict[str, dict[str, Any]] = {
    "alpha": {"stage": "under development", "default": False},
    "beta": {"stage": "stable", "default": True},
    "gamma": {"stage": "removed", "default": True, "fixed": True},
    "delta": {"stage": "under development", "default": True},
}
STYLE = FeatureStyle(
    aliases={"old_beta": "beta", "a_beta": "beta", "z_alpha": "alpha"},
    keys={"use_alpha": "alpha"},
    implied={"alpha": "beta"},
    renamed=("{name} is {feature}", "use {feature}"),
    notices={"delta": ("{name} goes", "soon")},
    sorts_as="m.{name}",
    own_names=frozenset({"delta"}),
)


def resolved(*tables: dict[str, Any], style: FeatureStyle = STYLE) -> Features:
    return resolve_features(KNOWN, style, tables, tables[-1] if tables else {})


def test_defaults() -> None:
    features = resolved()
    assert features.enabled == {"alpha": False, "beta": True, "gamma": True, "delta": True}
    assert ("beta" in features, "alpha" in features, "nope" in features) == (True, False, False)
    assert (features.notices, features.unstable) == ((), ())


def test_later_tables_count_more_and_names_are_taken_in_order() -> None:
    assert "beta" not in resolved({"old_beta": True}, {"beta": False})
    assert "beta" in resolved({"beta": False, "old_beta": True})
    assert "alpha" not in resolved({"use_alpha": True}, {"alpha": False})


def test_what_is_fixed_and_what_is_no_setting_changes_nothing() -> None:
    assert resolved({"gamma": False, "nope": True, "beta": "x", "alpha": {"other": 1}}).enabled == resolved().enabled


def test_a_table_says_enabled() -> None:
    assert "alpha" in resolved({"alpha": {"enabled": True}})


def test_features_bring_others_along_or_need_them() -> None:
    assert "beta" in resolved({"alpha": True, "beta": False})
    needing = FeatureStyle(needed={"alpha": "beta"})
    assert "alpha" not in resolved({"alpha": True, "beta": False}, style=needing)
    assert "alpha" in resolved({"alpha": True}, style=needing)


def test_notices_are_sorted_by_names_and_own_names_by_their_place() -> None:
    features = resolved({"z_alpha": True, "a_beta": True, "delta": True, "old_beta": True})
    assert features.notices == (
        ("a_beta is beta", "use beta"),
        ("delta goes", "soon"),
        ("old_beta is beta", "use beta"),
        ("z_alpha is alpha", "use alpha"),
    )


def test_unstable_features_are_those_written_by_their_own_names_and_on() -> None:
    assert resolved({"z_alpha": True}).unstable == ()
    assert resolved({"delta": True, "beta": True, "alpha": {"enabled": True}}).unstable == ("alpha", "delta")
    assert resolved({"alpha": False}).unstable == ()

use std::collections::BTreeSet;

use super::*;

#[test]
fn no_key_does_two_things() {
    let keys: BTreeSet<&str> = KEYS.iter().map(|(key, ..)| *key).collect();
    assert_eq!(keys.len(), KEYS.len());
}

#[test]
fn whoever_writes_a_text_is_not_interrupted() {
    for (key, ..) in KEYS {
        assert_eq!(action(key, Focus::Text).is_some(), key == "Escape", "{key}");
    }
}

#[test]
fn a_list_keeps_its_arrows_and_still_lets_commas_step() {
    assert_eq!(action("ArrowLeft", Focus::Grid), None);
    assert_eq!(action(",", Focus::Grid), Some(Action::StepBack));
    assert_eq!(action("ArrowLeft", Focus::Page), Some(Action::StepBack));
}

#[test]
fn the_space_bar_presses_the_button_that_has_the_focus() {
    assert_eq!(action(" ", Focus::Control), None);
    assert_eq!(action(" ", Focus::Page), Some(Action::TogglePlaying));
}

//! What the keys do.

#[cfg(test)]
mod tests;

/// Something that a key does wherever one is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Plays, or pauses.
    TogglePlaying,
    /// One event on.
    StepForward,
    /// One event back.
    StepBack,
    /// To the first event.
    ToStart,
    /// To the head; a second time follows it.
    ToEnd,
    /// Follows the head.
    Follow,
    /// Plays faster.
    Faster,
    /// Plays slower.
    Slower,
    /// Shows less of the log on the time bar, and that larger.
    ZoomIn,
    /// Shows more of the log on the time bar.
    ZoomOut,
    /// Shows all of the log on the time bar.
    Fit,
    /// Shows what comes before on the time bar.
    PanBack,
    /// Shows what comes after on the time bar.
    PanForward,
    /// Lets the time bar follow something else.
    NextAxis,
    /// Shows times in UTC, or as the clock on the wall had it.
    NextZone,
    /// Plays from one mark to the other again and again, or on.
    ToggleLoop,
    /// Sets mark A at the playhead.
    MarkA,
    /// Sets mark B at the playhead.
    MarkB,
    /// Shows what differs between the marks, or the rows again.
    ToggleDiff,
    /// To the next marker.
    NextMarker,
    /// To the marker before.
    PreviousMarker,
    /// To the next change of the view, or of the row that is looked at.
    NextChange,
    /// To the change before.
    PreviousChange,
    /// A second of recorded time on.
    SecondForward,
    /// A second of recorded time back.
    SecondBack,
    /// Sets a bookmark at the playhead.
    Bookmark,
    /// Begins a breakpoint from what is looked at.
    Breakpoint,
    /// Tells why the cell that is looked at is what it is.
    Why,
    /// To the filter of the page.
    ToFilter,
    /// Closes what lies over the page.
    Close,
    /// Shows what the keys do.
    Help,
}

/// Where the focus is when a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Focus {
    /// On nothing that has keys of its own.
    Page,
    /// On a list, which moves by its own arrows.
    Grid,
    /// On a button, a link or a box, which the space bar presses.
    Control,
    /// In a text: every key writes.
    Text,
}

/// Every key, what it does, and how it is explained.
pub(crate) const KEYS: [(&str, Action, &str); 35] = [
    (" ", Action::TogglePlaying, "play or pause"),
    ("ArrowRight", Action::StepForward, "next event that the filter lets through"),
    (".", Action::StepForward, "next event, also inside a list"),
    ("ArrowLeft", Action::StepBack, "previous event that the filter lets through"),
    (",", Action::StepBack, "previous event, also inside a list"),
    ("Shift+ArrowRight", Action::SecondForward, "a second of recorded time on"),
    ("Shift+ArrowLeft", Action::SecondBack, "a second of recorded time back"),
    ("n", Action::NextChange, "next change of the view, or of the row that is chosen in it"),
    ("N", Action::PreviousChange, "previous change of the view, or of the row"),
    ("]", Action::NextMarker, "next marker: bookmark, breakpoint, A or B, fault, event set aside"),
    ("[", Action::PreviousMarker, "previous marker"),
    ("Home", Action::ToStart, "before the first event"),
    ("End", Action::ToEnd, "last event; once more follows the head"),
    ("f", Action::Follow, "follow the head (live)"),
    (">", Action::Faster, "play faster"),
    ("<", Action::Slower, "play slower"),
    ("+", Action::ZoomIn, "show less of the log on the time bar, and that larger"),
    ("=", Action::ZoomIn, "the same"),
    ("-", Action::ZoomOut, "show more of the log on the time bar"),
    ("0", Action::Fit, "show all of the log on the time bar"),
    ("{", Action::PanBack, "show what comes before on the time bar"),
    ("}", Action::PanForward, "show what comes after on the time bar"),
    ("m", Action::NextAxis, "let the time bar follow positions, the clock, or show gaps"),
    ("z", Action::NextZone, "show times in UTC, or as your clock has it"),
    ("a", Action::MarkA, "set mark A at the playhead; there again, remove it"),
    ("A", Action::MarkB, "set mark B at the playhead; there again, remove it"),
    ("l", Action::ToggleLoop, "play from A to B again and again, or on"),
    ("d", Action::ToggleDiff, "in a view, show what differs between A and B or the playhead"),
    ("w", Action::Why, "why the chosen cell is what it is"),
    ("b", Action::Bookmark, "set a bookmark at the playhead; there again, remove it"),
    ("B", Action::Breakpoint, "in a view, write a breakpoint, beginning with the chosen cell"),
    ("/", Action::ToFilter, "go to the filter of the page"),
    ("Escape", Action::Close, "close what lies over the page"),
    ("?", Action::Help, "show these keys"),
    ("F", Action::Follow, "follow the head (live)"),
];

/// What a key does, given where the focus is.
pub(crate) fn action(key: &str, focus: Focus) -> Option<Action> {
    let (_, action, _) = KEYS.iter().find(|(known, ..)| *known == key)?;
    let is_left_to_focus = match focus {
        Focus::Page => false,
        Focus::Grid => {
            matches!(key, "Home" | "End" | " ")
                || key.ends_with("ArrowLeft")
                || key.ends_with("ArrowRight")
        }
        Focus::Control => key == " ",
        Focus::Text => key != "Escape",
    };
    (!is_left_to_focus).then_some(*action)
}

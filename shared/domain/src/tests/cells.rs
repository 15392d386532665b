//! Tables of what every command does in every state, so that a test can hold an aggregate
//! against its whole table, and against that of the exhaustive model.

use std::collections::BTreeMap;

use crate::Aggregate;
use crate::tests::samples::at;

/// (state, command) → what happens: the new state's name, `ok` where nothing changes, or `!` and
/// the rejection.
pub(crate) type Cells = BTreeMap<(String, String), String>;

/// Reads a table: commands in the first line, then one line per state.
pub(crate) fn cells(table: &str) -> Cells {
    let mut lines = table
        .lines()
        .map(|line| line.split_whitespace().map(str::to_owned))
        .filter(|line| line.clone().next().is_some());
    let commands: Vec<String> = lines.next().unwrap().collect();
    lines
        .flat_map(|mut line| {
            let state = line.next().unwrap();
            let row: Vec<String> = line.collect();
            assert_eq!(row.len(), commands.len(), "a cell is missing for {state}");
            let cell = move |(command, cell)| ((state.clone(), command), cell);
            commands.clone().into_iter().zip(row).map(cell)
        })
        .collect()
}

/// Executes every command in every state.
pub(crate) fn executed<A: Aggregate>(
    states: &[A],
    commands: &[(&str, A::Command)],
    name: impl Fn(&A) -> &'static str,
) -> Cells {
    let mut cells = Cells::new();
    for state in states {
        for (label, command) in commands {
            let mut after = state.clone();
            let (before, raised) = (name(state), state.events().all().len());
            let cell = match after.execute(command, at(60)) {
                Err(rejection) => format!("!{}", variant(&rejection)),
                Ok(()) if after.events().all().len() == raised => "ok".to_owned(),
                Ok(()) => name(&after).to_owned(),
            };
            let unseen = cells.insert((before.to_owned(), (*label).to_owned()), cell);
            assert_eq!(unseen, None, "two states are called {before}");
        }
    }
    cells
}

/// The model tells refusals apart by the caller's next step only.
pub(crate) fn coarse(cell: &str) -> &str {
    if cell.starts_with('!') { "no" } else { cell }
}

/// The cells in which an aggregate and the model differ, as `state command: model, ours`.
pub(crate) fn differences(ours: &Cells, model: &Cells) -> Vec<String> {
    let differs = |(key, model): (&(String, String), &String)| {
        let (state, command) = key;
        let ours = ours.get(key).map_or("missing", |cell| coarse(cell));
        (ours != model).then(|| format!("{state} {command}: {model}, {ours}"))
    };
    model.iter().filter_map(differs).collect()
}

/// Name of an enum's variant, from how it is debugged.
fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let end = text.find(|c: char| !c.is_alphanumeric());
    text.chars().take(end.unwrap_or(text.len())).collect()
}

//! The command line as people type it.

use clap::{CommandFactory, Parser};

use super::Arguments;
use crate::output::{Format, Output};
use crate::{Command, order};

const ORDER: &str = "00000000-0000-0000-0000-000000000007";

fn parse(line: &str) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(line.split(' '))
}

#[test]
fn has_a_command_line_without_contradictions() {
    Arguments::command().debug_assert();
}

#[test]
fn takes_every_command() {
    for line in [
        "cartwright seed",
        "cartwright seed --size large --stock 5 --restock",
        "cartwright token --customer c-1 --email c@example.com --ttl 60",
        "cartwright --json token --admin",
        "cartwright token --admin --json",
        "cartwright order place --line p-0001=2 --line p-0002=1 --key k --payment-method pm_x --watch",
        "cartwright events replay --since 2026-01-31T12:00:00Z --replay-id r",
        "cartwright events replay --since 2026-01-31T12:00:00Z --type cartwright.order.placed.v1 --rate 5",
        "cartwright dead-letters list",
        "cartwright dead-letters show notify --aggregate account/ada --limit 5 --bodies",
        "cartwright dead-letters replay notify --type cartwright.order.placed.v2 --dry-run --rate 3 --replay-id r",
        "cartwright dead-letters show notify --since 2026-01-31T12:00:00Z --until 2026-02-01T12:00:00Z",
        "cartwright search rebuild",
        "cartwright db migrate --json",
        "cartwright archive run",
        "cartwright archive run --before 2024-06-01 --json",
        "cartwright archive list",
        "cartwright archive restore 2024-01",
        "cartwright archive release 2024-01",
        "cartwright archive query 2024-01 --tenant t-1 --type checkout",
        "cartwright gen events",
        "cartwright gen events --rows 100M --tenants 1000 --seed 7 --from 2024-01-01T00:00:00Z --until 2026-01-01T00:00:00Z",
        "cartwright gen events --csv --rows 10k",
        "cartwright metrics serve --http 127.0.0.1:0 --udp 127.0.0.1:8125 --minutes 5 --types 10",
        "cartwright cost trace.json",
        "cartwright cost trace.json --saga standard --architecture x86-64 --memory-mb 256 --orders-per-day 50000 --json",
        "cartwright completions bash",
    ] {
        parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    parse(&format!("cartwright order show {ORDER}")).unwrap();
    parse(&format!("cartwright order watch {ORDER} --timeout 5")).unwrap();
    parse(&format!(
        "cartwright events replay --aggregate payment/{ORDER}"
    ))
    .unwrap();
    for whom in ["--consumer notify", "--consumer track-shipments", "--all"] {
        parse(&skip(&format!(
            "{whom} --sequence 3 --by dora --reason late"
        )))
        .unwrap();
    }
}

#[test]
fn refuses_what_cannot_be_meant_with_exit_code_2() {
    for line in [
        "cartwright",
        "cartwright seed --size huge",
        "cartwright seed --stock 0",
        "cartwright token",
        "cartwright token --customer c-1 --admin",
        "cartwright token --admin --email c@example.com",
        "cartwright token --customer a/b",
        "cartwright token --admin --ttl 0",
        "cartwright order place",
        "cartwright order place --line p-0001",
        "cartwright order place --line =1",
        "cartwright order place --line p-0001=x",
        "cartwright order show 7",
        "cartwright events replay",
        "cartwright events replay --since yesterday",
        "cartwright events replay --since 2026-01-31T12:00:00Z --type order.placed",
        "cartwright events replay --since 2026-01-31T12:00:00Z --rate 0",
        "cartwright events replay --aggregate account/ada",
        "cartwright dead-letters",
        "cartwright dead-letters show",
        "cartwright dead-letters show notify --limit 0",
        "cartwright dead-letters show notify --aggregate order",
        "cartwright dead-letters replay notify --rate 0",
        "cartwright cost",
        "cartwright archive",
        "cartwright archive run --before soon",
        "cartwright archive restore",
        "cartwright archive restore 2024-01-01",
        "cartwright archive query 2024-13",
        "cartwright gen",
        "cartwright gen events --rows 0",
        "cartwright gen events --tenants 0",
        "cartwright gen events --from yesterday",
        "cartwright metrics serve --http localhost",
        "cartwright metrics serve --minutes 0",
        "cartwright cost trace.json --saga quick",
        "cartwright cost trace.json --architecture mips",
        "cartwright cost trace.json --memory-mb 64",
        "cartwright cost trace.json --orders-per-day 0",
        "cartwright completions tcl",
    ] {
        let error = parse(line).err().unwrap_or_else(|| panic!("{line}"));
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

fn skip(rest: &str) -> String {
    format!("cartwright events skip --aggregate order/{ORDER} {rest}")
}

/// Who skips an event says which, for whom, who they are, and why.
#[test]
fn refuses_to_skip_on_nobody_s_word() {
    for rest in [
        "--consumer notify --sequence 3 --by dora",
        "--consumer notify --sequence 3 --reason late",
        "--consumer notify --by dora --reason late",
        "--sequence 3 --by dora --reason late",
        "--consumer notify --all --sequence 3 --by dora --reason late",
        "--consumer write-audit --sequence 3 --by dora --reason late",
        "--all --sequence 0 --by dora --reason late",
        "--all --sequence 3 --by a/b --reason late",
    ] {
        assert!(parse(&skip(rest)).is_err(), "{rest}");
    }
    let long = "x".repeat(301);
    assert!(
        parse(&skip(&format!(
            "--all --sequence 3 --by dora --reason {long}"
        )))
        .is_err()
    );
}

#[test]
fn says_json_wherever_the_flag_stands() {
    assert!(parse("cartwright --json seed").unwrap().json);
    assert!(parse("cartwright seed --json").unwrap().json);
    let place = parse("cartwright order place --line p=1 --json").unwrap();
    assert!(place.json);
    assert!(matches!(
        place.command,
        Command::Order(order::Order::Place(_))
    ));
}

#[test]
fn completes_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let arguments = parse(&format!("cartwright completions {shell}")).unwrap();
        let Command::Completions(completions) = arguments.command else {
            panic!("{shell}");
        };
        let mut output = Output::new(Format::Text, Vec::new());
        completions.run(&mut output).unwrap();
        let script = String::from_utf8(output.into_sink()).unwrap();
        assert!(script.contains("replay-id"), "{shell}");
    }
}

//! The processes of the functions, to be killed without warning, or asked to stop.

use std::process::Command;

use testkit::must;

use super::stack::Stack;

/// Kills every process of one function with signal 9, and answers how many there were.
///
/// Only processes of this instance are found: their program lies in its scratch folder, and their
/// environment names the function and the instance's address.
pub fn kill(stack: &Stack, folder: &str) -> usize {
    signal("-9", &processes_of(stack, folder))
}

/// Asks every process of one function to stop (signal 15), and answers which there were.
pub fn ask_to_stop(stack: &Stack, folder: &str) -> Vec<String> {
    let pids = processes_of(stack, folder);
    signal("-15", &pids);
    pids
}

/// Whether none of these processes is left.
pub fn are_gone(stack: &Stack, folder: &str, pids: &[String]) -> bool {
    let left = processes_of(stack, folder);
    pids.iter().all(|pid| !left.contains(pid))
}

fn signal(signal: &str, pids: &[String]) -> usize {
    for pid in pids {
        // One that ended meanwhile is as good as asked.
        must(Command::new("kill").args([signal, pid]).output());
    }
    pids.len()
}

fn processes_of(stack: &Stack, folder: &str) -> Vec<String> {
    // `e` adds the environment, `ww` keeps it whole; both Linux and macOS know this form.
    let listed = must(
        Command::new("ps")
            .args(["axeww", "-o", "pid=,command="])
            .output(),
    );
    let function = format!("AWS_LAMBDA_FUNCTION_NAME={}", stack.function(folder));
    // What they call passes the proxy.
    let instance = format!("AWS_ENDPOINT_URL={}", stack.get("PROXY_URL"));
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let ours = |line: &&str| {
        let mut words = line.split_whitespace().skip(1);
        let worker = words.next().is_some_and(|it| it.ends_with("/bootstrap"));
        let words: Vec<&str> = words.collect();
        worker && words.contains(&function.as_str()) && words.contains(&instance.as_str())
    };
    let pid = |line: &str| line.split_whitespace().next().map(str::to_owned);
    text.lines().filter(ours).filter_map(pid).collect()
}

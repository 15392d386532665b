//! Ways in which a thread that works and one that takes can meet at a slot: some ten thousands of runs,
//! those with few changes between the threads first, where most faults show.

#[path = "../src/slot.rs"]
#[cfg(test)]
mod slot;

/// The same operations, with a place before each where another thread may go on.
#[cfg(test)]
mod atomics {
    use shuttle::sync::Mutex;
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    pub(crate) use shuttle::thread::yield_now;

    #[derive(Debug, Default)]
    pub(crate) struct AtomicCell<T>(Mutex<T>);

    impl<T> AtomicCell<T> {
        pub(crate) fn swap(&self, value: T) -> T {
            std::mem::replace(&mut self.0.lock().unwrap(), value)
        }

        pub(crate) fn store(&self, value: T) {
            drop(self.swap(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
    use shuttle::sync::Arc;
    use shuttle::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
    use shuttle::{Config, MaxSteps, Runner, thread};

    use super::slot::Slot;

    /// Longer runs are those in which who takes looks again and again while the other stands still.
    const STEPS: usize = 1_000;

    /// Numbers that were worked on.
    type Numbers = Vec<u32>;

    /// What is taken has each number that was there when it was taken, once; the rest is there at the end.
    fn a_worker_and_a_taker(numbers: u32, takes: u32) {
        let slot = Arc::new(Slot::<Numbers>::default());
        let done = Arc::new(AtomicU32::new(0));
        let worker = {
            let (slot, done) = (Arc::clone(&slot), Arc::clone(&done));
            thread::spawn(move || {
                for number in 1..=numbers {
                    slot.work(|held| held.push(number));
                    done.store(number, SeqCst);
                }
            })
        };
        let mut found = Numbers::new();
        for _ in 0..takes {
            let before = done.load(SeqCst);
            found.extend(slot.take().flat_map(|it| *it));
            let all = (1..=before).all(|number| found.contains(&number));
            assert!(all, "{before} were done, {found:?} was found");
        }
        worker.join().unwrap();
        found.extend(slot.take().flat_map(|it| *it));
        found.sort_unstable();
        assert_eq!(found, (1..=numbers).collect::<Numbers>());
    }

    /// Who closes and takes then has all that was accepted, as `MetricsProcessor::close` does it.
    fn a_worker_and_a_closer(numbers: u32) {
        let slot = Arc::new(Slot::<Numbers>::default());
        let closed = Arc::new(AtomicBool::new(false));
        let worker = {
            let (slot, closed) = (Arc::clone(&slot), Arc::clone(&closed));
            thread::spawn(move || {
                let accept = |number: &u32| {
                    slot.work(|held| {
                        let open = !closed.load(SeqCst);
                        if open {
                            held.push(*number);
                        }
                        open
                    })
                };
                (1..=numbers).take_while(accept).count()
            })
        };
        closed.store(true, SeqCst);
        let found = slot.take().map(|it| it.len()).sum::<usize>();
        assert_eq!(worker.join().unwrap(), found);
    }

    /// Runs with few changes between the threads, and random ones.
    fn try_all(short: fn(), long: fn()) {
        for test in [short, long] {
            run(PctScheduler::new(3, 5_000), test);
            run(PctScheduler::new(6, 5_000), test);
            run(RandomScheduler::new(5_000), test);
        }
    }

    fn run(scheduler: impl Scheduler + 'static, test: fn()) {
        let mut config = Config::new();
        config.max_steps = MaxSteps::ContinueAfter(STEPS);
        Runner::new(scheduler, config).run(test);
    }

    #[test]
    fn nothing_is_lost_and_nothing_there_twice_whichever_way_two_threads_meet() {
        try_all(|| a_worker_and_a_taker(1, 1), || a_worker_and_a_taker(4, 4));
    }

    #[test]
    fn who_closes_has_all_that_was_accepted() {
        try_all(|| a_worker_and_a_closer(1), || a_worker_and_a_closer(4));
    }
}

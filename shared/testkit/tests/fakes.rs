//! The fakes pass the checks that DynamoDB passes.

mod orders {
    use testkit::fakes::FakeOrders;

    testkit::check_orders!(async { FakeOrders::default() });
}

mod inventory {
    use testkit::fakes::FakeInventory;

    testkit::check_inventory!(async { FakeInventory::default() });
}

mod payments {
    use testkit::fakes::FakePayments;

    testkit::check_payments!(async { FakePayments::default() });
}

mod shipments {
    use testkit::fakes::FakeShipments;

    testkit::check_shipments!(async { FakeShipments::default() });
}

mod catalogue {
    use testkit::fakes::FakeCatalogue;

    testkit::check_catalogue!(async { FakeCatalogue::default() });
}

mod search {
    use testkit::fakes::FakeIndex;

    testkit::check_search!(async { FakeIndex::default() });
}

mod history {
    use testkit::fakes::FakeHistory;

    testkit::check_history!(async { FakeHistory::default() });
}

mod sales {
    use testkit::fakes::FakeSales;

    testkit::check_sales!(async { FakeSales::default() });
}

mod facts {
    use testkit::fakes::FakeSales;

    testkit::check_facts!(async { FakeSales::default() });
}

mod audit {
    use testkit::fakes::FakeChains;

    testkit::check_audit!(async { FakeChains::default() });
}

mod claims {
    use testkit::fakes::FakeClaims;

    testkit::check_claims!(async { FakeClaims::default() });
}

mod realtime {
    use testkit::fakes::{FakeRealtime, Fault};
    use testkit::port_checks::notifications::forgets_what_was_left_of_a_list;

    testkit::check_realtime!(async { FakeRealtime::default() });

    #[tokio::test]
    async fn an_erasure_of_a_list_that_was_interrupted_is_finished() {
        let fake = FakeRealtime::default();
        // The list is closed, a hundred are removed.
        let interrupt = || fake.fail_write_after(101, Fault::FailBefore);
        forgets_what_was_left_of_a_list(&fake, interrupt).await;
    }
}

mod accounts {
    use testkit::fakes::FakeAccounts;

    testkit::check_accounts!(async { FakeAccounts::default() });
}

mod figures {
    use testkit::fakes::FakeFigures;

    testkit::check_figures!(async { FakeFigures::default() });
}

mod breakers {
    use testkit::fakes::FakeBreakers;

    testkit::check_breakers!(async { FakeBreakers::default() });
}

mod sendings {
    use testkit::fakes::FakeRealtime;

    testkit::check_sendings!(async { FakeRealtime::default() });
}

mod copies {
    use testkit::fakes::FakeCopies;

    testkit::check_copies!(async { FakeCopies::default() });
}

mod jobs {
    use testkit::fakes::FakeJobs;

    testkit::check_jobs!(async { FakeJobs::default() });
}

mod limits {
    use testkit::fakes::FakeCounters;

    testkit::check_limits!(async { FakeCounters::default() });
}

mod queue {
    use testkit::fakes::FakeQueue;

    testkit::check_queue!(async { FakeQueue::default() });
}

mod sockets {
    use testkit::fakes::FakeSockets;

    testkit::check_sockets!(async { FakeSockets::default() });
}

mod answers {
    use testkit::fakes::FakeAnswers;

    testkit::check_answers!(async { FakeAnswers::default() });
}

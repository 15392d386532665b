//! The tables pass the checks that the fakes pass, on DynamoDB's API in process.

// The lints know helpers of tests by this attribute only.
#[cfg(test)]
mod lists;
#[cfg(test)]
mod local;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod stream;

mod orders {
    use dynamo_store::OrdersTable;

    testkit::check_orders!(crate::local::table("Orders", OrdersTable::with_client));
}

mod inventory {
    use dynamo_store::InventoryTable;

    testkit::check_inventory!(crate::local::table(
        "Inventory",
        InventoryTable::with_client
    ));
}

mod payments {
    use dynamo_store::PaymentsTable;

    testkit::check_payments!(crate::local::table("Payments", PaymentsTable::with_client));
}

mod shipments {
    use dynamo_store::ShippingTable;

    testkit::check_shipments!(crate::local::table("Shipping", ShippingTable::with_client));
}

mod catalogue {
    use dynamo_store::CatalogTable;

    testkit::check_catalogue!(crate::local::table("Catalog", CatalogTable::with_client));
}

mod realtime {
    use dynamo_store::RealtimeTable;

    testkit::check_realtime!(crate::local::table("Realtime", RealtimeTable::with_client));
}

mod accounts {
    use dynamo_store::AccountsTable;

    testkit::check_accounts!(crate::local::table("Accounts", AccountsTable::with_client));
}

mod audit {
    use dynamo_store::AuditTable;

    testkit::check_audit!(crate::local::table("Audit", AuditTable::with_client));
}

mod claims {
    use dynamo_store::OperationsTable;

    testkit::check_claims!(crate::local::table(
        "Operations",
        OperationsTable::with_client
    ));
}

mod limits {
    use dynamo_store::OperationsTable;

    testkit::check_limits!(crate::local::table(
        "Operations",
        OperationsTable::with_client
    ));
}

mod breakers {
    use std::time::Duration;

    use breaker::{PutError, Row, Share};
    use dynamo_store::OperationsTable;
    use tokio::time::timeout;

    testkit::check_breakers!(crate::local::table(
        "Operations",
        OperationsTable::with_client
    ));

    /// Its client has no limit of its own, and would wait for ever.
    #[tokio::test]
    async fn a_table_that_does_not_answer_is_given_up() {
        // Connections are made by the system; nobody ever reads from them.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let client = crate::local::client(&format!("http://{address}"));
        let operations = OperationsTable::with_client(client, "Operations");
        let long = Duration::from_secs(30);
        let read = timeout(long, operations.breaker("crm")).await.unwrap();
        read.unwrap_err();
        let row = Row::default();
        let put = timeout(long, operations.put_breaker("crm", &row)).await;
        let put = put.unwrap();
        assert!(matches!(put, Err(PutError::Share(_))), "{put:?}");
    }
}

mod sendings {
    use dynamo_store::RealtimeTable;

    testkit::check_sendings!(crate::local::table("Realtime", RealtimeTable::with_client));
}

mod figures {
    use dynamo_store::OperationsTable;

    testkit::check_figures!(crate::local::table(
        "Operations",
        OperationsTable::with_client
    ));
}

mod jobs {
    use dynamo_store::OperationsTable;

    testkit::check_jobs!(crate::local::table(
        "Operations",
        OperationsTable::with_client
    ));
}

mod copies {
    use dynamo_store::AccountsTable;

    testkit::check_copies!(crate::local::table("Accounts", AccountsTable::with_client));
}

mod trouble {
    use domain::Order;
    use domain::ports::{Load, Save, SaveError, StoreError};
    use dynamo_store::{InventoryTable, OrdersTable};
    use testkit::build::{an_order, order_id};
    use testkit::must_fail;

    #[tokio::test]
    async fn calls_a_store_that_cannot_be_reached_unavailable() {
        let nowhere = crate::local::client("http://127.0.0.1:9");
        let orders = OrdersTable::with_client(nowhere, "Orders");
        let error: StoreError = must_fail(Load::<Order>::load(&orders, &order_id(1)).await);
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        let error = must_fail(orders.save(an_order().pending()).await);
        let SaveError::Store(StoreError::Unavailable(_)) = error else {
            panic!("unavailable, not {error:?}");
        };
    }

    #[tokio::test]
    async fn calls_a_table_that_does_not_exist_broken() {
        let orders = crate::local::table("Orders", |client, _| {
            OrdersTable::with_client(client, "Elsewhere")
        });
        let error = must_fail(Load::<Order>::load(&orders.await, &order_id(1)).await);
        assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
    }

    #[tokio::test]
    async fn a_repeated_transaction_has_one_effect() {
        use domain::ports::{HoldStock, StockShelves};
        use testkit::build::{a_lease, at, pieces, sku};
        use testkit::must;

        let inventory = crate::local::table("Inventory", InventoryTable::with_client).await;
        must(inventory.restock(&pieces("sku-tea", 2), at(0)).await);
        must(inventory.hold(a_lease().held(), at(1)).await);
        // The same change again, as after a lost answer: same token, same content.
        must(inventory.hold(a_lease().held(), at(1)).await);
        let left = must(inventory.available(&sku("sku-tea")).await);
        assert_eq!(left, Some(1));
    }
}

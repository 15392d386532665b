use aws_config::BehaviorVersion;
use domain::ports::Save;
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let aws = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let orders = dynamo_store::OrdersTable::connect(&aws, "ord");
    for n in 1..=30 { orders.save(testkit::build::an_order().number(n).placed_at("2026-11-20T00:00:00Z".parse().unwrap()).confirmed()).await.unwrap(); }
}

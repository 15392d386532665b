//! Orders that end as they should when nothing fails but the order itself.

use tests::world::{World, basket};

#[test]
fn confirms_an_order() {
    let mut world = World::new(1);
    let order = world.place(&basket("k"));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
    println!("{}", world.shop.faults.log().join("\n"));
    println!("{:#?}", world.shop.faults.sites());
}

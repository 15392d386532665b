//! Who may have what, by the terms of a route.

use super::*;

fn somebody(subject: &str, roles: &[Role]) -> Principal {
    Principal {
        kind: PrincipalKind::User,
        subject: CustomerId::parse(subject).unwrap(),
        tenant: TenantId::parse("shop").unwrap(),
        roles: roles.to_vec(),
        email: None,
        session: None,
    }
}

/// Whether they may have their own, somebody else's, and what is theirs in another shop.
fn has(principal: &Principal, policy: Policy) -> [bool; 3] {
    let caller = Caller::new(principal.clone(), policy);
    let things = [
        ("shop", principal.subject.as_str()),
        ("shop", "bob"),
        ("other", principal.subject.as_str()),
    ];
    things.map(|(tenant, owner)| {
        let owner = CustomerId::parse(owner).unwrap();
        caller.may_have(&TenantId::parse(tenant).unwrap(), &owner)
    })
}

#[test]
fn what_is_one_s_own_is_had_by_its_owner_and_by_the_roles_named() {
    let policy = Policy::Owner(&[Role::Support]);
    let alice = somebody("alice", &[Role::Customer]);
    assert_eq!(has(&alice, policy), [true, false, false]);
    let carol = somebody("carol", &[Role::Support]);
    assert_eq!(has(&carol, policy), [true, true, false]);
    let dora = somebody("dora", &[Role::Admin]);
    assert_eq!(has(&dora, policy), [true, false, false]);
}

#[test]
fn what_is_for_a_role_is_had_by_nobody_else_not_even_by_its_owner() {
    let policy = Policy::Only(&[Role::Admin]);
    let alice = somebody("alice", &[Role::Customer]);
    assert_eq!(has(&alice, policy), [false, false, false]);
    let dora = somebody("dora", &[Role::Customer, Role::Admin]);
    assert_eq!(has(&dora, policy), [true, true, false]);
}

#[test]
fn what_gives_power_is_done_in_person() {
    let policy = Policy::InPerson(&[Role::Admin]);
    let mut dora = somebody("dora", &[Role::Admin]);
    assert!(policy.admit(&dora).is_ok());
    assert_eq!(has(&dora, policy), [true, true, false]);
    assert!(policy.admit(&somebody("alice", &[Role::Customer])).is_err());
    dora.kind = PrincipalKind::ApiKey;
    assert!(policy.admit(&dora).is_err());
    assert!(Policy::Only(&[Role::Admin]).admit(&dora).is_ok());
}

#[test]
fn what_changes_an_account_is_done_in_person() {
    let policy = Policy::OwnerInPerson(&[Role::Admin]);
    let mut dora = somebody("dora", &[Role::Admin]);
    let alice = somebody("alice", &[Role::Customer]);
    assert!(policy.admit(&dora).is_ok() && policy.admit(&alice).is_ok());
    assert_eq!(has(&dora, policy), [true, true, false]);
    assert_eq!(has(&alice, policy), [true, false, false]);
    dora.kind = PrincipalKind::ApiKey;
    assert!(policy.admit(&dora).is_err());
}

#[test]
fn no_role_opens_what_is_for_no_role() {
    let everything = somebody("eve", &[Role::Customer, Role::Support, Role::Admin]);
    assert_eq!(has(&everything, Policy::Only(&[])), [false, false, false]);
    assert_eq!(has(&everything, Policy::Owner(&[])), [true, false, false]);
    assert!(Policy::Only(&[]).admit(&everything).is_err());
}

#[test]
fn an_api_lists_its_routes() {
    let api: Api = Api::default()
        .get("/a", Policy::Anybody, async || "a")
        .post("/a", Policy::Only(&[Role::Admin]), async || "b")
        .put("/a/{id}", Policy::Owner(&[]), async || "c")
        .delete("/a/{id}", Policy::Owner(&[]), async || "d");
    let listed: Vec<_> = api
        .routes()
        .map(|route| (route.method.as_str(), route.path, route.policy))
        .collect();
    let expected = [
        ("GET", "/a", Policy::Anybody),
        ("POST", "/a", Policy::Only(&[Role::Admin])),
        ("PUT", "/a/{id}", Policy::Owner(&[])),
        ("DELETE", "/a/{id}", Policy::Owner(&[])),
    ];
    assert_eq!(listed, expected);
}

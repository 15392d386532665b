//! What is accepted of a registration, a sign-in and a profile, and what is never shown.

use serde_json::{Value, json};

use super::*;

fn register(changes: &Value) -> Result<ParsedRegistration, InvalidBody> {
    let mut body = json!({
        "email": "alice@example.org",
        "password": "correct horse battery",
        "name": "Alice",
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    serde_json::from_value::<RegisterUser>(body)
        .unwrap()
        .parse()
}

fn refused_at(changes: &Value) -> String {
    register(changes).unwrap_err().pointer
}

#[test]
fn a_good_registration_is_taken() {
    let parsed = register(&json!({"name": " Alice Liddell "})).unwrap();
    assert_eq!(parsed.email.as_str(), "alice@example.org");
    assert_eq!(parsed.name, "Alice Liddell");
    assert_eq!(parsed.password.0, "correct horse battery");
}

#[test]
fn a_password_is_long_and_no_mockery() {
    for password in [
        "",
        "elevenchars",
        "aaaaaaaaaaaaaaaaaaaa",
        "alice@example.org",
        "ALICE@Example.org",
        &"xy".repeat(65),
    ] {
        assert_eq!(refused_at(&json!({"password": password})), "/password");
    }
    for password in ["twelve chars", "пароль из слов", &"xy".repeat(64)] {
        assert!(
            register(&json!({"password": password})).is_ok(),
            "{password}"
        );
    }
}

#[test]
fn a_name_is_one_printable_line() {
    for name in ["", "  ", "a\nb", "a\u{1b}[31m", &"x".repeat(121)] {
        assert_eq!(refused_at(&json!({"name": name})), "/name");
    }
}

#[test]
fn nothing_else_can_be_said_when_registering() {
    for field in ["role", "roles", "tenant", "user_id", "status"] {
        let mut body = json!({"email": "a@b.org", "password": "x", "name": "A"});
        body[field] = json!("admin");
        assert!(
            serde_json::from_value::<RegisterUser>(body).is_err(),
            "{field}"
        );
    }
}

fn profile(changes: &Value) -> Result<Profile, InvalidBody> {
    let mut body = json!({"name": "Alice", "preferences": {"email": true, "sms": false}});
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    serde_json::from_value::<UpdateUser>(body).unwrap().parse()
}

#[test]
fn a_profile_is_taken_as_a_whole() {
    let bare = profile(&json!({})).unwrap();
    assert_eq!((bare.phone, bare.address), (None, None));
    let full = profile(&json!({
        "phone": "+441632960001",
        "address": {"name": "A", "street": "1 High St", "city": "Bristol", "postcode": "BS1", "country": "GB"},
        "preferences": {"email": false, "sms": true},
    }));
    let full = full.unwrap();
    assert_eq!(full.phone.as_deref(), Some("+441632960001"));
    assert_eq!(full.address.unwrap().city, "Bristol");
    assert!(full.preferences.sms && !full.preferences.email);
}

#[test]
fn what_is_wrong_with_a_profile_is_told_by_its_pointer() {
    let address = json!({"name": "A", "street": "", "city": "B", "postcode": "C", "country": "GB"});
    for (changes, pointer) in [
        (json!({"phone": "0163296"}), "/phone"),
        (json!({"phone": "+0441632960001"}), "/phone"),
        (json!({"phone": "+44 1632 960001"}), "/phone"),
        (json!({"phone": "+4416329600011234"}), "/phone"),
        (json!({"address": address}), "/address/street"),
        (json!({"name": ""}), "/name"),
    ] {
        assert_eq!(profile(&changes).unwrap_err().pointer, pointer, "{changes}");
    }
}

#[test]
fn a_sign_in_takes_any_password_up_to_a_length() {
    let body = |password: &str| SignIn {
        email: "alice@example.org".to_owned(),
        password: Secret(password.to_owned()),
    };
    for password in ["", "x", &"x".repeat(128)] {
        assert!(body(password).parse().is_ok());
    }
    let refused = body(&"x".repeat(129)).parse().unwrap_err();
    assert_eq!(refused.pointer, "/password");
}

#[test]
fn roles_are_known_and_each_is_given_once() {
    let parse = |names: &[&str]| {
        let roles = names.iter().map(|&name| name.to_owned()).collect();
        RolesBody { roles }.parse()
    };
    let both = parse(&["admin", "customer", "admin"]);
    assert_eq!(both, Ok(vec![Role::Customer, Role::Admin]));
    assert_eq!(parse(&[]).unwrap_err().pointer, "/roles");
    assert_eq!(
        parse(&["customer", "Admin"]).unwrap_err().pointer,
        "/roles/1"
    );
}

#[test]
fn secrets_do_not_show() {
    let body = SignIn {
        email: "alice@example.org".to_owned(),
        password: Secret("correct horse".to_owned()),
    };
    assert!(!format!("{body:?}").contains("horse"));
}

#[test]
fn no_secret_is_longer_than_any_of_ours() {
    let read = |length: usize| {
        let body = serde_json::json!({"refresh_token": "é".repeat(length)});
        serde_json::from_value::<RefreshToken>(body)
    };
    assert!(read(MAX_SECRET).is_ok());
    let refused = read(MAX_SECRET + 1).unwrap_err().to_string();
    assert_eq!(refused, "1024 characters at most");
}

#[test]
fn a_new_address_is_one_and_is_not_the_password() {
    let change = |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        let body: ChangeEmail = serde_json::from_value(body).unwrap();
        body.parse()
    };
    let (email, password) = change(" Bob@example.org ", "anything").unwrap();
    assert_eq!(
        (email.as_str(), &*password.0),
        ("Bob@example.org", "anything")
    );
    let long = "x".repeat(129);
    for (email, password, pointer) in [
        ("nobody", "anything", "/email"),
        ("a@b.org\nBcc: c@d.org", "anything", "/email"),
        ("bob@example.org", "BOB@example.org", "/email"),
        ("bob@example.org", &long, "/password"),
    ] {
        let refused = change(email, password).unwrap_err();
        assert_eq!(refused.pointer, pointer, "{email}");
    }
    let unknown = json!({"email": "b@b.org", "password": "x", "verified": true});
    assert!(serde_json::from_value::<ChangeEmail>(unknown).is_err());
}

//! What is a key, and whom it admits.

use super::*;
use crate::tests::samples::at;

fn secret(number: u128) -> ApiKeySecret {
    let random = [1, 2, 3].map(|each| Uuid::from_u128(number + each));
    ApiKeySecret::new(ApiKeyId(Uuid::from_u128(number)), random)
}

fn key(secret: &ApiKeySecret) -> ApiKey {
    ApiKey {
        id: secret.id(),
        tenant: TenantId::parse("shop").unwrap(),
        name: "warehouse".to_owned(),
        roles: vec![Role::Support],
        hash: secret.hash(),
        created_by: CustomerId::parse("dora").unwrap(),
        created_at: at(0),
        revoked_at: None,
        version: 1,
    }
}

#[test]
fn a_key_reads_back_and_another_text_does_not() {
    let text = secret(7).text();
    assert!(ApiKeySecret::is_meant(&text));
    assert_eq!(text.len(), 108);
    assert_eq!(ApiKeySecret::parse(&text), Some(secret(7)));
    // One digit that is another one, anywhere.
    for at in 4..text.len() {
        let mut wrong = text.clone();
        let other = if text.get(at..=at) == Some("0") {
            "1"
        } else {
            "0"
        };
        wrong.replace_range(at..=at, other);
        assert_eq!(ApiKeySecret::parse(&wrong), None, "{wrong}");
    }
    let body = text.strip_prefix("cwk_").unwrap();
    for wrong in [
        "",
        "cwk_",
        body,
        &text.to_uppercase(),
        &format!("{text}0"),
        &format!("cwk_+{}", body.get(1..).unwrap()),
        &format!("cwk_{}é", body.get(2..).unwrap()),
        &format!(" {text}"),
    ] {
        assert_eq!(ApiKeySecret::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_key_admits_its_own_secret_until_it_is_taken_back() {
    let (own, other) = (secret(7), secret(8));
    let mut key = key(&own);
    assert!(key.admits(&own));
    assert!(!key.admits(&other));
    let forged = ApiKeySecret {
        id: own.id(),
        ..other
    };
    assert!(!key.admits(&forged), "the right id with another secret");
    assert!(key.revoke(at(5)) && !key.revoke(at(6)));
    assert_eq!(key.revoked_at, Some(at(5)));
    assert!(!key.admits(&own));
}

#[test]
fn every_bit_of_a_hash_counts() {
    let hash = secret(7).hash();
    assert!(hash.is(&hash));
    for bit in 0..256 {
        let mut other = hash;
        other.0[bit / 8] ^= 1 << (bit % 8);
        assert!(!hash.is(&other), "{bit}");
    }
}

#[test]
fn a_key_s_bearer_is_nobody_s_account() {
    let key = key(&secret(7));
    let subject = key.subject();
    assert_eq!(subject.as_str(), format!("key:{}", key.id));
    assert_eq!(CustomerId::parse(subject.as_str()), Ok(subject));
}

#[test]
fn no_secret_shows() {
    let text = format!("{:?} {:?}", secret(7), key(&secret(7)));
    let digits = secret(7).text();
    assert!(!text.contains(digits.get(36..100).unwrap()), "{text}");
    assert!(text.contains("SecretHash(..)"), "{text}");
}

//! Copies and their signatures.

use super::{Copy, mixed};

#[test]
fn signs_as_stripe_does() {
    // Computed with: printf '1.{}' | openssl dgst -sha256 -hmac secret
    assert_eq!(
        Copy::Genuine.signature("secret", 1, "{}"),
        "t=1,v1=1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908"
    );
}

#[test]
fn a_forged_copy_has_another_signature_and_an_old_one_another_time() {
    let genuine = Copy::Genuine.signature("secret", 1_000, "{}");
    let forged = Copy::Forged.signature("secret", 1_000, "{}");
    assert_eq!(genuine.split(',').next(), forged.split(',').next());
    assert_ne!(genuine, forged);
    let aged = Copy::Aged.signature("secret", 1_000, "{}");
    assert_eq!(aged, Copy::Genuine.signature("secret", 400, "{}"));
}

#[test]
fn copies_of_all_sorts_come_among_each_other() {
    let copies = mixed(3, 1, 2);
    assert_eq!(
        copies,
        [
            Copy::Forged,
            Copy::Aged,
            Copy::Genuine,
            Copy::Aged,
            Copy::Genuine,
            Copy::Genuine,
        ]
    );
}

//! Signing in, accounts and API keys.

use contracts::http::{
    ApiKeyBody, ApiKeyListBody, ChangeEmail, ChangePassword, ConfirmPhone, ConfirmReset,
    DestinationBody, DestinationListBody, NewApiKey, NewApiKeyBody, PhoneConfirmationBody,
    PreferencesBody, RefreshToken, RegisterUser, RequestReset, RolesBody, Secret, SignIn,
    TokensBody, UpdateUser, UserBody, VerifyEmail,
};
use domain::PhoneState;
use http_edge::token::discovery;
use serde_json::json;
use testkit::build::{an_account, an_api_key, at as at_second};

use crate::openapi::operation::{Operation, at};

const PASSWORD: &str = "correct horse battery";
const ANOTHER: &str = "another horse battery";

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn email() -> String {
    "ada@example.org".to_owned()
}

fn tokens() -> TokensBody {
    TokensBody {
        access_token: secret("eyJhbGciOi..."),
        token_type: "Bearer".to_owned(),
        expires_in: 600,
        refresh_token: secret("cwr_0123..."),
    }
}

/// Signing in and out, and what is mailed.
pub(super) fn sign_in() -> Vec<Operation> {
    let refresh_token = RefreshToken {
        refresh_token: secret("cwr_0123..."),
    };
    vec![
        at(
            "POST /api/v1/auth/login",
            "signIn",
            "Tokens for an address and a password. Tries at an account are counted too.",
        )
        .takes(&SignIn {
            email: email(),
            password: secret(PASSWORD),
        })
        .answers(200, "Signed in.", &tokens())
        .refuses(401, &["sign-in-refused"])
        .refuses(403, &["address-unverified"]),
        at(
            "POST /api/v1/auth/refresh",
            "refresh",
            "The next tokens for a refresh token, which is then used up.",
        )
        .takes(&refresh_token)
        .answers(200, "The next tokens.", &tokens())
        .refuses(401, &["session-over"]),
        at(
            "POST /api/v1/auth/logout",
            "signOut",
            "Ends the session of a refresh token, whatever it is worth.",
        )
        .takes(&refresh_token)
        .answers_nothing(204, "Signed out."),
        at(
            "POST /api/v1/auth/logout-all",
            "signOutEverywhere",
            "Ends all sessions of whoever asks.",
        )
        .answers_nothing(204, "Signed out.")
        .refuses(404, &["not-found"]),
    ]
}

/// What is mailed.
pub(super) fn links() -> Vec<Operation> {
    let reset = ConfirmReset {
        token: secret("TOKEN"),
        new_password: secret(ANOTHER),
    };
    vec![
        at(
            "POST /api/v1/auth/password-reset",
            "requestReset",
            "Mails a link, where the address has an account.",
        )
        .takes(&RequestReset { email: email() })
        .answers_nothing(202, "In any case."),
        at(
            "POST /api/v1/auth/password-reset/confirm",
            "resetPassword",
            "A new password for what the link carries. Ends all sessions.",
        )
        .takes(&reset)
        .answers_nothing(204, "The password is another.")
        .refuses(422, &["link-refused"]),
        at(
            "POST /api/v1/auth/verify-email",
            "verifyEmail",
            "The address is theirs, by what the link carries.",
        )
        .takes(&VerifyEmail {
            token: secret("TOKEN"),
        })
        .answers_nothing(204, "It is theirs.")
        .refuses(422, &["link-refused"]),
        at(
            "POST /api/v1/auth/verify-email/resend",
            "requestVerification",
            "Mails the link again, at most now and then.",
        )
        .answers_nothing(202, "In any case.")
        .refuses(404, &["not-found"]),
    ]
}

/// What whoever verifies tokens needs.
pub(super) fn published() -> Vec<Operation> {
    let keys = json!({"keys": [{"kty": "RSA", "kid": "key-1", "alg": "RS256", "use": "sig", "n": "vk2i...", "e": "AQAB"}]});
    let configuration = discovery::configuration("https://api.example.org");
    vec![
        at(
            "GET /.well-known/jwks.json",
            "getKeys",
            "The public keys of access tokens, good for five minutes.",
        )
        .answers(200, "A JSON Web Key Set (RFC 7517).", &keys),
        at(
            "GET /.well-known/openid-configuration",
            "getConfiguration",
            "Issuer, and where its keys are.",
        )
        .answers(200, "OpenID Connect Discovery 1.0.", &configuration),
    ]
}

fn registered() -> UserBody {
    UserBody::from(&an_account("ada"))
}

fn profile() -> UpdateUser {
    UpdateUser {
        name: "Ada L.".to_owned(),
        phone: Some("+441632960001".to_owned()),
        address: None,
        preferences: PreferencesBody {
            email: true,
            sms: false,
        },
    }
}

/// Accounts.
pub(super) fn users() -> Vec<Operation> {
    let registration = RegisterUser {
        email: email(),
        password: secret(PASSWORD),
        name: "Ada".to_owned(),
    };
    let roles = RolesBody {
        roles: vec!["customer".to_owned(), "support".to_owned()],
    };
    let shown = |route, id, does| {
        at(route, id, does)
            .answers(200, "The account.", &registered())
            .with(&["ETag"])
    };
    vec![
        at(
            "POST /api/v1/users",
            "register",
            "Registers a customer. A link to verify the address is mailed.",
        )
        .takes(&registration)
        .answers(201, "Registered.", &registered())
        .with(&["Location", "ETag"])
        .refuses(409, &["address-taken"]),
        shown("GET /api/v1/users/{id}", "getUser", "The account."),
        shown(
            "PUT /api/v1/users/{id}",
            "updateUser",
            "Name, phone, address and preferences, all of them.",
        )
        .if_match()
        .takes(&profile()),
        shown(
            "POST /api/v1/users/{id}/deactivate",
            "deactivateUser",
            "Nobody signs in to it any more. An admin does not end their own.",
        )
        .refuses(409, &["own-account", "conflict"]),
        shown(
            "POST /api/v1/admin/users/{id}/activate",
            "activateUser",
            "It may be signed in to again.",
        )
        .refuses(409, &["own-account", "conflict"]),
        shown(
            "PUT /api/v1/admin/users/{id}/roles",
            "appoint",
            "Gives roles, takes the others. Nobody changes their own.",
        )
        .if_match()
        .takes(&roles)
        .refuses(409, &["own-account"]),
    ]
}

/// What somebody signs in with.
pub(super) fn credentials() -> Vec<Operation> {
    let passwords = ChangePassword {
        current_password: secret(PASSWORD),
        new_password: secret(ANOTHER),
    };
    let there = ChangeEmail {
        email: "ada@example.net".to_owned(),
        password: secret(PASSWORD),
    };
    vec![
        at(
            "POST /api/v1/users/{id}/password",
            "changePassword",
            "Another password, for who knows the present one. Ends all sessions.",
        )
        .takes(&passwords)
        .answers_nothing(204, "The password is another.")
        .refuses(403, &["wrong-password"])
        .refuses(412, &["precondition-failed"]),
        at(
            "POST /api/v1/users/{id}/email",
            "changeEmail",
            "Another address, for who knows the password. Ends all sessions; a link to verify it is mailed.",
        )
        .takes(&there)
        .answers_nothing(204, "The address is this one.")
        .refuses(403, &["wrong-password"])
        .refuses(409, &["address-taken"])
        .refuses(412, &["precondition-failed"]),
    ]
}

/// A telephone number.
pub(super) fn phones() -> Vec<Operation> {
    let now = at_second(0);
    let mut account = an_account("ada");
    account.profile.phone = Some("+441632960001".to_owned());
    let asked = account.ask_phone_code(now).is_ok();
    assert!(asked, "nobody asked before");
    let pending = PhoneConfirmationBody::of(&account, None, now);
    account.phone.state = PhoneState::Confirmed;
    let confirmed = PhoneConfirmationBody::of(&account, None, now);
    vec![
        at(
            "POST /api/v1/users/{id}/phone/confirmation",
            "askPhoneCode",
            "Texts a code to the number in the profile, once a minute and five times a day at most. Nobody waits for the gateway: `GET` says what becomes of the text.",
        )
        .answers(202, "The text comes later.", &pending)
        .with(&["Location"])
        .refuses(409, &["no-phone", "phone-confirmed"]),
        at(
            "GET /api/v1/users/{id}/phone/confirmation",
            "showPhoneConfirmation",
            "How it stands with the text, and with the number.",
        )
        .answers(200, "How it stands.", &pending),
        at(
            "PUT /api/v1/users/{id}/phone/confirmation",
            "confirmPhone",
            "Confirms the number by the code that was texted. There are five tries.",
        )
        .takes(&ConfirmPhone {
            code: secret("012345"),
        })
        .answers(200, "It is theirs.", &confirmed)
        .refuses(422, &["code-refused"]),
    ]
}

/// The services that are told of profiles.
pub(super) fn destinations() -> Vec<Operation> {
    let crm = DestinationBody {
        name: "crm".to_owned(),
        status: "behind".to_owned(),
        behind: 12,
        failing_since: None,
        minutes_left: Some(1),
        per_minute: 600,
        as_of: at_second(60),
    };
    let listed = DestinationListBody {
        destinations: vec![crm],
    };
    vec![
        at(
            "GET /api/v1/admin/destinations",
            "listDestinations",
            "How the services stand that keep copies of profiles, as of the last minute.",
        )
        .answers(200, "All services.", &listed),
    ]
}

/// API keys.
pub(super) fn api_keys() -> Vec<Operation> {
    let (key, _) = an_api_key(1);
    let api_key = ApiKeyBody::from(&key);
    let asked = NewApiKey {
        name: "warehouse".to_owned(),
        roles: vec!["support".to_owned()],
    };
    let made = NewApiKeyBody {
        key: secret("cwk_0000..."),
        api_key: api_key.clone(),
    };
    let listed = ApiKeyListBody {
        api_keys: vec![api_key],
    };
    vec![
        at(
            "POST /api/v1/api-keys",
            "createApiKey",
            "Makes a key and shows it this once. Sent twice it makes two.",
        )
        .takes(&asked)
        .answers(201, "Made.", &made)
        .with(&["Location"])
        .refuses(409, &["too-many-keys"]),
        at(
            "GET /api/v1/api-keys",
            "listApiKeys",
            "The keys of the shop, newest first, without what is secret.",
        )
        .answers(200, "All keys.", &listed),
        at(
            "DELETE /api/v1/api-keys/{id}",
            "revokeApiKey",
            "Takes a key back. Within a minute every function refuses it.",
        )
        .answers_nothing(204, "Taken back."),
    ]
}

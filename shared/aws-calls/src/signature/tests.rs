//! AWS's own signer says the same.

use std::time::SystemTime;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use proptest::prelude::*;

use super::*;

const S3: Service = Service {
    signing_name: "s3",
    label: "s3",
    paths_as_they_are: true,
    longest_answer: 0,
};
const OTHER: Service = Service {
    signing_name: "execute-api",
    paths_as_they_are: false,
    ..S3
};

fn request(method: &str, address: &str, text: &str) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(address)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.SendMessage");
    request.body(Body::new(text.to_owned())).unwrap()
}

/// What AWS's signer makes of it.
fn theirs(
    service: Service,
    mut request: Request<Body>,
    credentials: &Credentials,
    now: Timestamp,
) -> Request<Body> {
    let mut settings = SigningSettings::default();
    if service.paths_as_they_are {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    let identity = Identity::from(credentials.clone());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name(service.signing_name)
        .time(SystemTime::from(now))
        .settings(settings)
        .build()
        .unwrap();
    let text = request.body().bytes();
    let headers = request.headers().iter();
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap())),
        SignableBody::Bytes(&text),
    );
    let signed = sign(signable.unwrap(), &params.into()).unwrap();
    let (instructions, _) = signed.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}

fn assert_same(signer: &Signer, request: &Request<Body>, token: Option<&str>, now: Timestamp) {
    let token = token.map(str::to_owned);
    let credentials = Credentials::new("AKID", "secret", token, None, "test");
    let mut ours = request.clone();
    signer.sign(&mut ours, &credentials, now).unwrap();
    let theirs = theirs(signer.service, request.clone(), &credentials, now);
    let of = |signed: &Request<Body>, name: &HeaderName| signed.headers().get(name).cloned();
    for name in [AUTHORIZATION, DATE, TOKEN, BODY] {
        assert_eq!(
            of(&ours, &name),
            of(&theirs, &name),
            "{name} of {request:?}"
        );
    }
}

fn signer(service: Service) -> Signer {
    Signer::new(service, "eu-west-1".to_owned())
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn addresses_of_every_call_of_ours_are_signed_as_aws_signs_them() {
    for (service, address) in [
        (S3, "https://b.s3.eu-west-1.amazonaws.com/anchors/1-a.txt"),
        (
            S3,
            "http://127.0.0.1:4566/b/?list-type=2&max-keys=1&prefix=anchors%2F",
        ),
        (OTHER, "https://sqs.eu-west-1.amazonaws.com/"),
        (OTHER, "http://127.0.0.1:80/?b=1&a=2&flag"),
        (
            OTHER,
            "https://a.execute-api.eu-west-1.amazonaws.com:443/prod/@connections/L0S%3D",
        ),
        (
            OTHER,
            "https://a.execute-api.eu-west-1.amazonaws.com:8443/prod/@connections/a%2Bb%2F",
        ),
    ] {
        for token in [None, Some("token/+=")] {
            let request = request("POST", address, "{}");
            assert_same(&signer(service), &request, token, second(1_784_500_000));
        }
    }
}

#[test]
fn the_key_of_another_day_or_secret_is_not_used() {
    let signer = signer(OTHER);
    let request = request("DELETE", "http://localhost/", "");
    for at in [0, 86_399, 86_400, 0, 951_782_400] {
        assert_same(&signer, &request, None, second(at));
    }
    assert_same(&signer, &request, Some("one"), second(0));
    assert_same(&signer, &request, Some("other"), second(0));
    let signed_with = |secret: &str| {
        let mut request = request.clone();
        let credentials = Credentials::new("AKID", secret, None, None, "test");
        signer.sign(&mut request, &credentials, second(0)).unwrap();
        request.headers().get(AUTHORIZATION).cloned()
    };
    assert_ne!(signed_with("one"), signed_with("other"));
    assert_eq!(signed_with("one"), signed_with("one"));
}

proptest! {
    #[test]
    fn any_call_is_signed_as_aws_signs_it(
        path in "[a-zA-Z0-9@._~:+%!$&'()*,;=-]{1,40}",
        text in ".{0,200}",
        at in 0_i64..4_000_000_000,
    ) {
        // A segment of dots alone leads elsewhere; a percent sign begins two digits.
        let path = path.replace('%', "%2F").replace('.', "x.");
        let request = request("PUT", &format!("http://localhost:4566/a/{path}"), &text);
        assert_same(&signer(OTHER), &request, Some("token"), second(at));
    }
}

/// What a link has in its query, by name.
fn pairs_of(link: &str) -> Vec<String> {
    let (_, query) = link.split_once('?').unwrap();
    let mut pairs: Vec<String> = query.split('&').map(str::to_owned).collect();
    pairs.sort();
    pairs
}

#[test]
fn a_link_is_signed_as_aws_signs_it() {
    for (address, token) in [
        ("https://b.s3.eu-west-1.amazonaws.com/jobs/1/result", None),
        ("http://127.0.0.1:4566/b/jobs/1/result", Some("token/+= x")),
    ] {
        let token = token.map(str::to_owned);
        let credentials = Credentials::new("AKID", "secret", token, None, "test");
        let name = (
            "response-content-disposition",
            "attachment; filename=\"a b.csv\"",
        );
        let now = second(1_784_500_000);
        let uri: Uri = address.parse().unwrap();
        let ours = signer(S3).link(&uri, &[name], (&credentials, 300), now);
        let ours = ours.unwrap();
        assert!(ours.starts_with(&format!("{address}?")), "{ours}");

        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(std::time::Duration::from_secs(300));
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let identity = Identity::from(credentials.clone());
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("s3")
            .time(SystemTime::from(now))
            .settings(settings)
            .build()
            .unwrap();
        let asked = utf8_percent_encode(name.1, &IN_QUERY);
        let plain = format!("{address}?{}={asked}", name.0);
        let signable = SignableRequest::new(
            "GET",
            plain.clone(),
            std::iter::empty(),
            SignableBody::UnsignedPayload,
        );
        let signed = sign(signable.unwrap(), &params.into()).unwrap();
        let mut request = Request::builder()
            .uri(plain)
            .body(Body::new(String::new()))
            .unwrap();
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        assert_eq!(pairs_of(&ours), pairs_of(&request.uri().to_string()));
    }
}

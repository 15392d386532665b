//! What is mailed with a notification that can be switched off: whose mails of which kind, signed by
//! the key of mailed links. It is good for ever and any number of times, because it can do nothing
//! but end mails; whoever shows it need not be signed in (RFC 8058).

use domain::{CustomerId, NotificationKind, TenantId};

use crate::LinkTokens;

/// Tells it from what is signed for a link.
const PURPOSE: &str = "unsubscribe";

/// Whose mails, and of which kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Whose shop.
    pub tenant: TenantId,
    /// Whose mails.
    pub reader: CustomerId,
    /// Which of them.
    pub kind: NotificationKind,
}

impl Unsubscribe {
    /// No id and no name has a line break, so that no two are the same.
    fn text(&self) -> String {
        let kind = self.kind.name();
        format!("{PURPOSE}\n{}\n{}\n{kind}", self.tenant, self.reader)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (purpose, tenant, reader, kind) =
            (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
        let all = purpose == PURPOSE && lines.next().is_none();
        all.then_some(Self {
            tenant: TenantId::parse(tenant).ok()?,
            reader: CustomerId::parse(reader).ok()?,
            kind: NotificationKind::from_name(kind)?,
        })
    }
}

impl LinkTokens {
    /// The token: the text and its signature in hexadecimal digits, with a dot between them. It
    /// stands in addresses as it is.
    pub fn make_unsubscribe(&self, wanted: &Unsubscribe) -> String {
        let text = wanted.text();
        let signature = self.sign(text.as_bytes());
        format!("{}.{}", hex::encode(text), hex::encode(signature))
    }

    /// What the token is for; nothing for any text that was not made by this key.
    pub fn read_unsubscribe(&self, token: &str) -> Option<Unsubscribe> {
        let (text, signature) = token.split_once('.')?;
        let text = hex::decode(text).ok()?;
        self.verify(&text, &hex::decode(signature).ok()?)?;
        Unsubscribe::parse(std::str::from_utf8(&text).ok()?)
    }
}

//! What mails lead to, and how a notice is one.

use domain::ports::Mail;
use domain::{CustomerId, LinkPurpose, NotificationKind};
use identity::{LinkKeyError, LinkTokens, Unsubscribe};
use wording::Told;

/// Makes links: the event has a number, the key makes it a token. For a person the token stands
/// behind a `#`, which no server is sent and no log has.
#[derive(Clone, Debug)]
pub struct Links {
    tokens: LinkTokens,
    pages: String,
    api: String,
}

impl Links {
    /// Links by a key in hexadecimal digits, to the pages of the shop and to its API.
    ///
    /// # Errors
    /// [`LinkKeyError`].
    pub fn with_key(key: &str, pages: &str, api: &str) -> Result<Self, LinkKeyError> {
        Ok(Self::new(LinkTokens::new(key)?, pages, api))
    }

    /// The same, where there is what makes tokens.
    pub fn new(tokens: LinkTokens, pages: &str, api: &str) -> Self {
        let base = |address: &str| address.trim_end_matches('/').to_owned();
        Self {
            tokens,
            pages: base(pages),
            api: base(api),
        }
    }

    /// The link that does one thing for the owner of an account, once.
    pub fn make(&self, purpose: LinkPurpose, owner: &CustomerId, number: u32) -> String {
        let token = self.tokens.make(purpose, owner, number);
        format!("{}/{}#token={token}", self.pages, purpose.name())
    }

    /// A notice as a mail to this address. One that may be switched off says how.
    pub fn mail_of(&self, told: &Told, address: &str) -> Mail {
        let notice = &told.notice;
        let token = self.unsubscribe(told, notice.kind);
        let footer = token.as_ref().map(|token| {
            let page = format!("{}/unsubscribe#token={token}", self.pages);
            format!("\nNo more mails of this kind: {page}\n")
        });
        Mail {
            to: address.to_owned(),
            subject: notice.title.clone(),
            text: format!("{}\n{}", notice.message, footer.unwrap_or_default()),
            unsubscribe: token.map(|token| {
                let path = "api/v1/notifications/unsubscribe";
                format!("{}/{path}?token={token}", self.api)
            }),
        }
    }

    fn unsubscribe(&self, told: &Told, kind: NotificationKind) -> Option<String> {
        let wanted = Unsubscribe {
            tenant: told.tenant.clone(),
            reader: told.reader.clone(),
            kind,
        };
        let may = kind.may_be_switched_off();
        may.then(|| self.tokens.make_unsubscribe(&wanted))
    }
}

//! What those who run a shop say: once into the list of a group, or into the lists of some people.
//! Sockets hear it by the stream, as they hear of everything else in lists. Nothing of it is mailed or
//! texted.

use contracts::http::ParsedMessage;
use domain::ports::{
    KeepAccounts, KeepNotifications, KeepSendings, NoteAnnouncements, Reader, StoreError,
};
use domain::{
    Announcement, CustomerId, GroupId, Notice, Notification, NotificationKind, id_of_request,
};
use futures::future::join_all;
use jiff::Timestamp;

use crate::{TellError, keep};

/// People who are told at one time.
const AT_ONCE: usize = 8;

/// Something that is said, and what of it the audit log hears.
#[derive(Clone, Debug)]
pub struct Said {
    /// By which id, in which shop, to which group, and when.
    pub announcement: Announcement,
    /// The words.
    pub words: ParsedMessage,
}

impl Said {
    /// What somebody wants said, under an idempotency key of this route with all that is asked for: its
    /// id is made of these, so that who says it again says the same.
    pub fn new(
        who: Reader<'_>,
        (route, key, asked): (&str, &str, &[&[u8]]),
        (group, words): (Option<GroupId>, ParsedMessage),
        at: Timestamp,
    ) -> Self {
        // A key is forgotten after a week, and what was said under it is not.
        let asked = asked.concat();
        let asked = format!("{key}\n{}", String::from_utf8_lossy(&asked));
        let announcement = Announcement {
            id: id_of_request(who, route, &asked),
            tenant: who.0.clone(),
            group,
            at,
        };
        Self {
            announcement,
            words,
        }
    }

    /// Says it to a group, however many belong to it: one notification in one list. Nothing where the
    /// list is closed. Saying it again says it once.
    ///
    /// # Errors
    /// [`TellError`]; say it again.
    pub async fn broadcast_to_group(
        &self,
        notes: &impl NoteAnnouncements,
        lists: &(impl KeepNotifications + KeepSendings),
        group: GroupId,
    ) -> Result<Option<Notification>, TellError> {
        notes.note_announcement(&self.announcement).await?;
        let id = format!("message/{}", self.announcement.id);
        self.tell(lists, &group.reader(), id).await
    }

    /// Says it to some people: one notification in the list of each, in their order; nothing for those
    /// of whom the shop has no account. Who comes again after it failed in between goes through all of
    /// them; a list takes it once.
    ///
    /// # Errors
    /// [`TellError`]; say it again.
    pub async fn send_to_users(
        &self,
        accounts: &(impl NoteAnnouncements + KeepAccounts),
        lists: &(impl KeepNotifications + KeepSendings),
        users: &[CustomerId],
    ) -> Result<Vec<Option<Notification>>, TellError> {
        accounts.note_announcement(&self.announcement).await?;
        let mut all = Vec::with_capacity(users.len());
        for some in users.chunks(AT_ONCE) {
            let telling = some
                .iter()
                .map(|user| self.tell_user(accounts, lists, user));
            for told in join_all(telling).await {
                all.push(told?);
            }
        }
        Ok(all)
    }

    async fn tell_user(
        &self,
        accounts: &impl KeepAccounts,
        lists: &(impl KeepNotifications + KeepSendings),
        user: &CustomerId,
    ) -> Result<Option<Notification>, TellError> {
        match self.is_of_the_shop(accounts, user).await? {
            // An event is in one list: of what many are told, each has an id of their own.
            true => {
                let id = format!("message/{}/{user}", self.announcement.id);
                self.tell(lists, user, id).await
            }
            false => Ok(None),
        }
    }

    async fn is_of_the_shop(
        &self,
        accounts: &impl KeepAccounts,
        user: &CustomerId,
    ) -> Result<bool, StoreError> {
        let account = accounts.account(user).await?;
        let shop = &self.announcement.tenant;
        Ok(account.is_some_and(|it| it.tenant == *shop && !it.is_erased()))
    }

    async fn tell(
        &self,
        lists: &(impl KeepNotifications + KeepSendings),
        reader: &CustomerId,
        id: String,
    ) -> Result<Option<Notification>, TellError> {
        let notice = Notice {
            id,
            kind: NotificationKind::Message,
            title: self.words.title.clone(),
            message: self.words.message.clone(),
            data: self.words.data.clone(),
            at: self.announcement.at,
        };
        keep(lists, (&self.announcement.tenant, reader), &notice, false).await
    }
}

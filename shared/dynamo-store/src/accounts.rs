//! Accounts, the addresses that are theirs, and sessions.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Delete, TransactWriteItem};
use domain::ports::{
    Cause, KeepAccounts, KeepSessions, MoveAccountError, RegisterError, SaveError, StoreError,
};
use domain::{Account, CustomerId, Email, Session, SessionId, TenantId};

use crate::answer::{broken, classify};
use crate::contention::{MAX_TRIES, failed_condition, passes, step_aside};
use crate::item::account::{OWNER, decode_owner, email_key, encode_email};
use crate::item::{Image, account, session};
use crate::key::Key;
use crate::schema::PK;
use crate::table::{Accounts, CAPACITY, PutError, Table, text};

impl KeepAccounts for Table<Accounts> {
    /// Two items change together: the account and its address. After an answer that was lost the
    /// same transaction has no second effect for ten minutes; later it finds the address taken.
    async fn register(&self, mut new: Account) -> Result<Account, RegisterError> {
        let item = account::encode(&new).map_err(|error| broken(&error))?;
        let address = encode_email(&new).map_err(|error| broken(&error))?;
        let writes = vec![
            self.writing(self.signed(item)?, 0)?,
            self.writing(address, 0)?,
        ];
        let token = Some(new.id.as_str());
        self.settle(writes, (&new.id, token), register_refusal)
            .await?;
        new.version = 1;
        Ok(new)
    }

    async fn account(&self, id: &CustomerId) -> Result<Option<Account>, StoreError> {
        let image = self.get(&Key::User(id.clone())).await?;
        read(image, account::decode)
    }

    async fn owner_of(
        &self,
        tenant: &TenantId,
        email: &Email,
    ) -> Result<Option<CustomerId>, StoreError> {
        read(self.get(&email_key(tenant, email)).await?, decode_owner)
    }

    async fn save_account(&self, mut changed: Account) -> Result<Account, SaveError<Account>> {
        let image = account::encode(&changed).map_err(|error| broken(&error))?;
        let put = self.put(image, changed.version).await;
        changed.version = changed.version.saturating_add(1);
        saved(put, changed, account::decode)
    }

    /// Three items change together: the account, its address and that of before.
    async fn save_moved(
        &self,
        mut moved: Account,
        from: &Email,
    ) -> Result<Account, MoveAccountError> {
        let image = account::encode(&moved).map_err(|error| broken(&error))?;
        let address = encode_email(&moved).map_err(|error| broken(&error))?;
        let writes = vec![
            self.writing(self.signed(image)?, moved.version)?,
            self.writing(address, 0)?,
            self.give_up(&email_key(&moved.tenant, from), &moved.id)?,
        ];
        let settled = self.settle(writes, (&moved.id, None), move_refusal).await;
        moved.version = moved.version.saturating_add(1);
        match settled {
            Ok(()) => Ok(moved),
            Err(MoveAccountError::Save(SaveError::Conflict(_))) => self.is_stored(moved).await,
            Err(refused) => Err(refused),
        }
    }

    /// After an answer that was lost it finds the account changed, and who reads it finds it erased.
    async fn save_erased(
        &self,
        mut erased: Account,
        freed: &Email,
    ) -> Result<Account, SaveError<Account>> {
        let image = account::encode(&erased).map_err(|error| broken(&error))?;
        let writes = vec![
            self.writing(self.signed(image)?, erased.version)?,
            self.give_up(&email_key(&erased.tenant, freed), &erased.id)?,
        ];
        self.settle(writes, (&erased.id, None), save_refusal)
            .await?;
        erased.version = erased.version.saturating_add(1);
        Ok(erased)
    }
}

impl KeepSessions for Table<Accounts> {
    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        read(self.get(&Key::Session(id)).await?, session::decode)
    }

    async fn save_session(&self, mut changed: Session) -> Result<Session, SaveError<Session>> {
        let image = session::encode(&changed).map_err(|error| broken(&error))?;
        let put = self.put(image, changed.version).await;
        changed.version = changed.version.saturating_add(1);
        saved(put, changed, session::decode)
    }
}

pub(crate) type Decode<T> = fn(Image) -> Result<T, crate::item::ItemError>;

pub(crate) fn read<T>(image: Option<Image>, decode: Decode<T>) -> Result<Option<T>, StoreError> {
    let decoded = image.map(decode).transpose();
    decoded.map_err(|error| broken(&error))
}

/// What became of a put. Where it was refused because it was there already, its answer was lost and
/// it was sent again.
pub(crate) fn saved<T: std::fmt::Debug + PartialEq>(
    put: Result<(), PutError>,
    wanted: T,
    decode: Decode<T>,
) -> Result<T, SaveError<T>> {
    match put {
        Ok(()) => Ok(wanted),
        Err(PutError::Refused(stored)) => match read(stored, decode)? {
            Some(stored) if stored == wanted => Ok(wanted),
            stored => Err(SaveError::Conflict(stored.map(Box::new))),
        },
        Err(PutError::Store(error)) => Err(error.into()),
    }
}

impl Table<Accounts> {
    /// Gives up what is the account's.
    fn give_up(&self, key: &Key, owner: &CustomerId) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .key(PK, text(key.pk()))
            .condition_expression("#account = :account")
            .expression_attribute_names("#account", OWNER)
            .expression_attribute_values(":account", text(owner.as_str()))
            .build()
            .map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// The account as it was wanted, where an answer was lost and the same was sent again.
    async fn is_stored(&self, wanted: Account) -> Result<Account, MoveAccountError> {
        match self.account(&wanted.id).await? {
            Some(stored) if stored == wanted => Ok(wanted),
            stored => Err(SaveError::Conflict(stored.map(Box::new)).into()),
        }
    }

    /// Writes all or nothing; what met other transactions is sent again for a while. `refusal` says
    /// what it means that conditions did not hold, if that is foreseen.
    pub(crate) async fn settle<E: From<StoreError>>(
        &self,
        writes: Vec<TransactWriteItem>,
        (whose, token): (&CustomerId, Option<&str>),
        refusal: fn(&[CancellationReason]) -> Option<E>,
    ) -> Result<(), E> {
        for tried in 1..=MAX_TRIES {
            let Err(error) = self.transact(writes.clone(), token).await else {
                return Ok(());
            };
            let reasons = cancelled(error)?;
            if let Some(refused) = refusal(&reasons) {
                return Err(refused);
            }
            if !reasons.iter().any(passes) {
                return Err(cannot_be(&reasons).into());
            }
            if tried < MAX_TRIES {
                step_aside(whose.as_str(), tried).await;
            }
        }
        let cause = Cause(format!("met other transactions {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause).into())
    }

    async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
        token: Option<&str>,
    ) -> Result<(), SdkError<TransactWriteItemsError>> {
        self.client
            .transact_write_items()
            .return_consumed_capacity(CAPACITY)
            .set_transact_items(Some(writes))
            .set_client_request_token(token.map(str::to_owned))
            .send()
            .await
            .map(|_| ())
    }
}

/// The first write is the account's, the second its address's.
fn register_refusal(reasons: &[CancellationReason]) -> Option<RegisterError> {
    is_refused(reasons, 1).then_some(RegisterError::EmailTaken)
}

/// The first write is the account's.
fn save_refusal(reasons: &[CancellationReason]) -> Option<SaveError<Account>> {
    is_refused(reasons, 0).then_some(SaveError::Conflict(None))
}

/// The same two. Who comes with what is not stored any more is told so first: the address may be
/// taken by the same write, sent before.
fn move_refusal(reasons: &[CancellationReason]) -> Option<MoveAccountError> {
    let taken = is_refused(reasons, 1).then_some(MoveAccountError::EmailTaken);
    save_refusal(reasons).map(MoveAccountError::Save).or(taken)
}

pub(crate) fn is_refused(reasons: &[CancellationReason], write: usize) -> bool {
    reasons.get(write).is_some_and(failed_condition)
}

/// Why each write of a transaction was not done; any other error as it is.
fn cancelled(
    error: SdkError<TransactWriteItemsError>,
) -> Result<Vec<CancellationReason>, StoreError> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            Ok(cancelled.cancellation_reasons().to_vec())
        }
        _ => Err(classify(error)),
    }
}

fn cannot_be(reasons: &[CancellationReason]) -> StoreError {
    let codes: Vec<_> = reasons.iter().map(CancellationReason::code).collect();
    StoreError::Broken(Cause(format!("cancelled: {codes:?}")))
}

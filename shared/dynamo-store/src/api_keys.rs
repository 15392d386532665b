//! API keys, in the table of accounts.

use std::collections::HashMap;

use domain::ports::{KeepApiKeys, LookUpApiKey, SaveError, StoreError};
use domain::{ApiKey, ApiKeyId, TenantId};

use crate::accounts::{read, saved};
use crate::answer::broken;
use crate::item::api_key::{decode, encode};
use crate::key::{Key, keys_of};
use crate::query::{Part, Query};
use crate::schema::{API_KEYS, PK};
use crate::table::{Accounts, Table, text};

impl LookUpApiKey for Table<Accounts> {
    async fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        read(self.get(&Key::ApiKey(id)).await?, decode)
    }
}

impl KeepApiKeys for Table<Accounts> {
    async fn save_api_key(&self, mut changed: ApiKey) -> Result<ApiKey, SaveError<ApiKey>> {
        let image = encode(&changed).map_err(|error| broken(&error))?;
        let put = self.put(image, changed.version).await;
        changed.version = changed.version.saturating_add(1);
        saved(put, changed, decode)
    }

    async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
        let query = Query {
            index: API_KEYS,
            partition: keys_of(tenant),
            part: Part::Whole,
            newest_first: true,
            limit: i32::try_from(ApiKey::MOST).unwrap_or(i32::MAX),
            after: None,
        };
        let entries = self.entries(query, ApiKey::MOST).await?.into_iter();
        let keys: Vec<_> = entries
            .map(|entry| HashMap::from([(PK.to_owned(), text(entry.pk))]))
            .collect();
        let images = self.batch(&keys).await?.into_iter();
        let decoded: Result<Vec<ApiKey>, _> = images.map(decode).collect();
        let mut found = decoded.map_err(|error| broken(&error))?;
        // The index may lag behind what was taken back.
        found.retain(|key| key.revoked_at.is_none());
        found.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
        Ok(found)
    }
}

//! The index of the search, written anew from the catalogue a step at a time, while events go on coming in:
//! first every list of the catalogue, page by page; then everything that can be found is looked up, and what
//! the catalogue does not have is found no more. A step may be done twice.

use std::str::FromStr;

use domain::ports::{Cause, KeepCourses, KeepProducts, Listed, RebuildIndex, StoreError};
use domain::{
    CatalogueQuery, CatalogueSort, CourseId, EntryId, EntryKind, ProductId, SaleStatus,
    SearchEntry, TenantId,
};

#[cfg(test)]
mod tests;

/// Entries of one read of the catalogue.
const PAGE: u8 = 100;

/// Where a rebuild goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(Stage);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// A list of the catalogue: which, and after what.
    List(usize, Option<String>),
    /// What can be found, after an entry.
    Found(Option<EntryId>),
}

impl Default for Stage {
    fn default() -> Self {
        Self::List(0, None)
    }
}

impl Place {
    /// After all lists of the catalogue.
    pub const AFTER_LISTS: Self = Self(Stage::Found(None));

    /// As text, for whoever goes on later.
    pub fn text(&self) -> String {
        match &self.0 {
            Stage::List(number, after) => {
                format!("list:{number}:{}", after.as_deref().unwrap_or_default())
            }
            Stage::Found(None) => "found::".to_owned(),
            Stage::Found(Some(id)) => format!("found:{}:{}", id.kind().name(), id.as_str()),
        }
    }
}

/// Reads what [`Place::text`] gave.
impl FromStr for Place {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let read = || {
            let (stage, rest) = text.split_once(':')?;
            let (which, after) = rest.split_once(':')?;
            let after = Some(after).filter(|after| !after.is_empty());
            match stage {
                "list" => Some(Stage::List(which.parse().ok()?, after.map(str::to_owned))),
                "found" => match after {
                    None => Some(Stage::Found(None)),
                    Some(id) => Some(Stage::Found(Some(entry(which, id)?))),
                },
                _ => None,
            }
        };
        let broken = || StoreError::Broken(Cause("no place of a rebuild".to_owned()));
        read().map(Self).ok_or_else(broken)
    }
}

fn entry(kind: &str, id: &str) -> Option<EntryId> {
    Some(match EntryKind::from_name(kind)? {
        EntryKind::Course => EntryId::Course(CourseId::parse(id).ok()?),
        EntryKind::Product => EntryId::Product(ProductId::parse(id).ok()?),
    })
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// Entries of the catalogue that were written.
    pub written: u64,
    /// Entries that the catalogue does not have.
    pub removed: u64,
    /// Where it goes on; nothing at the end.
    pub next: Option<Place>,
}

/// Does one step of a shop's rebuild: a page.
///
/// # Errors
/// [`StoreError`]; the step can be done again.
pub async fn step<C: KeepProducts + KeepCourses>(
    catalogue: &C,
    index: &impl RebuildIndex,
    tenant: &TenantId,
    place: &Place,
) -> Result<Stepped, StoreError> {
    match &place.0 {
        Stage::List(number, after) => {
            list_page(catalogue, index, tenant, (*number, after.clone())).await
        }
        Stage::Found(after) => found_page(catalogue, index, tenant, after.as_ref()).await,
    }
}

/// Writes a page of one list. There is a list of each status and kind.
async fn list_page<C: KeepProducts + KeepCourses>(
    catalogue: &C,
    index: &impl RebuildIndex,
    tenant: &TenantId,
    (number, after): (usize, Option<String>),
) -> Result<Stepped, StoreError> {
    let Some(status) = SaleStatus::ALL.get(number / 2).copied() else {
        let next = Some(Place::AFTER_LISTS);
        let (written, removed) = (0, 0);
        return Ok(Stepped {
            written,
            removed,
            next,
        });
    };
    let query = CatalogueQuery {
        tenant: tenant.clone(),
        status,
        sort: CatalogueSort::Newest,
        after,
        limit: PAGE,
    };
    let (entries, after) = match number % 2 {
        0 => entries_of(catalogue.list_products(&query).await?),
        _ => entries_of(catalogue.list_courses(&query).await?),
    };
    let mut written = 0;
    for entry in &entries {
        index.rewrite(entry).await?;
        written += 1;
    }
    let next = match after {
        Some(after) => Stage::List(number, Some(after)),
        None => Stage::List(number.saturating_add(1), None),
    };
    Ok(Stepped {
        written,
        removed: 0,
        next: Some(Place(next)),
    })
}

fn entries_of<T>(page: Listed<T>) -> (Vec<SearchEntry>, Option<String>)
where
    for<'entry> SearchEntry: From<&'entry T>,
{
    (page.items.iter().map(Into::into).collect(), page.next)
}

/// Looks up a page of what can be found. The lists lag, and leave out what moves between them meanwhile: the
/// entry itself does not.
async fn found_page<C: KeepProducts + KeepCourses>(
    catalogue: &C,
    index: &impl RebuildIndex,
    tenant: &TenantId,
    after: Option<&EntryId>,
) -> Result<Stepped, StoreError> {
    let page = index.indexed(tenant, after).await?;
    let mut removed = 0;
    for (id, version) in &page {
        let stored: Option<SearchEntry> = match id {
            EntryId::Course(id) => catalogue.course(id).await?.as_ref().map(Into::into),
            EntryId::Product(id) => catalogue.product(id).await?.as_ref().map(Into::into),
        };
        match stored.filter(|entry| entry.tenant == *tenant) {
            // What is as new was written from a list, or by its event.
            Some(entry) if entry.version <= *version => {}
            Some(entry) => index.rewrite(&entry).await?,
            None => {
                removed += 1;
                index.forget(tenant, id, *version).await?;
            }
        }
    }
    let last = page.into_iter().next_back();
    Ok(Stepped {
        written: 0,
        removed,
        next: last.map(|(id, _)| Place(Stage::Found(Some(id)))),
    })
}

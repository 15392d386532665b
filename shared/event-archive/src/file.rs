//! Rows as a Parquet file, and back (<https://parquet.apache.org/docs/file-format/>): five columns, by tenant
//! and time, compressed with zstd. Any program that reads Parquet can read them.

use std::sync::{Arc, LazyLock};

use domain::{EventsByTenant, MetricEvent, MetricType, ProcessingTime, TenantId};
use jiff::Timestamp;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, TypePtr};
use thiserror::Error;

const SCHEMA: &str = "
message event {
    required binary tenant (UTF8);
    required int64 created_at (TIMESTAMP(MICROS, true));
    required binary event_type (UTF8);
    required int64 processing_us;
    optional binary payload (JSON);
}";
/// What is skipped or read as a whole.
const ROWS_OF_A_GROUP: usize = 1 << 17;
const LEVEL: i32 = 3;

/// What is no file of the archive.
#[derive(Debug, Error)]
pub enum FileError {
    /// It is no Parquet, or was cut or changed.
    #[error("not a file of the archive")]
    Parquet(#[from] ParquetError),
    /// A value is in it that no event has.
    #[error("a value of a file of the archive cannot be: {0}")]
    Value(String),
}

static FORM: LazyLock<Option<(TypePtr, WriterPropertiesPtr)>> = LazyLock::new(|| {
    let schema = parse_message_type(SCHEMA).ok()?;
    let level = ZstdLevel::try_new(LEVEL).ok()?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROWS_OF_A_GROUP))
        .set_created_by("cartwright".to_owned());
    for times in ["created_at", "processing_us"] {
        let times = ColumnPath::from(times);
        properties = properties
            .set_column_dictionary_enabled(times.clone(), false)
            .set_column_encoding(times, Encoding::DELTA_BINARY_PACKED);
    }
    Some((Arc::new(schema), Arc::new(properties.build())))
});

/// Writes rows, those of each tenant in the sequence of time.
///
/// # Errors
/// [`FileError`]; never for rows that are in memory.
pub fn encode(rows: &EventsByTenant) -> Result<Vec<u8>, FileError> {
    let form = FORM.as_ref();
    let (schema, properties) = form.ok_or_else(|| FileError::Value("the schema".to_owned()))?;
    let mut bytes = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut bytes, Arc::clone(schema), Arc::clone(properties))?;
    let all: Vec<(&TenantId, &MetricEvent)> = rows
        .iter()
        .flat_map(|(tenant, events)| events.iter().map(move |event| (tenant, event)))
        .collect();
    for group in all.chunks(ROWS_OF_A_GROUP) {
        let mut writer = file.next_row_group()?;
        write_group(&mut writer, group)?;
        writer.close()?;
    }
    file.close()?;
    Ok(bytes)
}

fn write_group<W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &[(&TenantId, &MetricEvent)],
) -> Result<(), FileError> {
    let text = |text: &str| ByteArray::from(text);
    let tenants: Vec<_> = rows.iter().map(|(it, _)| text(it.as_str())).collect();
    column::<ByteArrayType, _>(group, &tenants, None)?;
    let times: Vec<_> = rows.iter().map(|(_, it)| it.at.as_microsecond()).collect();
    column::<Int64Type, _>(group, &times, None)?;
    let types: Vec<_> = rows
        .iter()
        .map(|(_, it)| text(it.event_type.as_str()))
        .collect();
    column::<ByteArrayType, _>(group, &types, None)?;
    let took: Vec<_> = rows.iter().map(|(_, it)| it.took.micros()).collect();
    column::<Int64Type, _>(group, &took, None)?;
    let payloads = || rows.iter().map(|(_, it)| it.payload.as_deref());
    let present: Vec<_> = payloads().map(|it| i16::from(it.is_some())).collect();
    let payloads: Vec<_> = payloads().flatten().map(text).collect();
    column::<ByteArrayType, _>(group, &payloads, Some(&present))
}

/// Writes the next column; `present` has a one for each row that has a value.
fn column<T: DataType, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    present: Option<&[i16]>,
) -> Result<(), FileError> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| FileError::Value("the schema".to_owned()))?;
    column.typed::<T>().write_batch(values, present, None)?;
    Ok(column.close()?)
}

/// Reads rows.
///
/// # Errors
/// [`FileError`].
pub fn decode(bytes: Vec<u8>) -> Result<EventsByTenant, FileError> {
    let file = SerializedFileReader::new(parquet_bytes(bytes))?;
    let mut rows = EventsByTenant::new();
    for group in 0..file.num_row_groups() {
        read_group(&*file.get_row_group(group)?, &mut rows)?;
    }
    Ok(rows)
}

fn parquet_bytes(bytes: Vec<u8>) -> bytes::Bytes {
    bytes::Bytes::from(bytes)
}

fn read_group(group: &dyn RowGroupReader, rows: &mut EventsByTenant) -> Result<(), FileError> {
    let (tenants, _) = values::<ByteArrayType>(group, 0)?;
    let (times, _) = values::<Int64Type>(group, 1)?;
    let (types, _) = values::<ByteArrayType>(group, 2)?;
    let (took, _) = values::<Int64Type>(group, 3)?;
    let (payloads, present) = values::<ByteArrayType>(group, 4)?;
    let mut payloads = payloads.iter();
    let columns = tenants.iter().zip(times).zip(&types).zip(took).zip(present);
    let mut last: Option<(&ByteArray, TenantId)> = None;
    let mut events = Vec::new();
    for ((((tenant, at), event_type), micros), present) in columns {
        if last.as_ref().is_none_or(|(bytes, _)| *bytes != tenant) {
            keep(rows, last.take(), &mut events);
            last = Some((tenant, TenantId::parse(text(tenant)?).map_err(value)?));
        }
        let payload = match present {
            0 => None,
            _ => payloads.next().map(text).transpose()?.map(str::to_owned),
        };
        events.push(MetricEvent {
            event_type: MetricType::parse(text(event_type)?).map_err(value)?,
            at: Timestamp::from_microsecond(at).map_err(value)?,
            took: ProcessingTime::from_micros(micros).map_err(value)?,
            payload,
        });
    }
    keep(rows, last, &mut events);
    Ok(())
}

fn keep(
    rows: &mut EventsByTenant,
    tenant: Option<(&ByteArray, TenantId)>,
    events: &mut Vec<MetricEvent>,
) {
    if let Some((_, tenant)) = tenant {
        rows.entry(tenant).or_default().append(events);
    }
}

/// All values of a column, and for each row whether it has one.
fn values<T: DataType>(
    group: &dyn RowGroupReader,
    column: usize,
) -> Result<(Vec<T::T>, Vec<i16>), FileError> {
    if column >= group.num_columns() {
        return Err(FileError::Value("a column is missing".to_owned()));
    }
    let wanted = T::get_physical_type();
    let found = group.metadata().column(column).column_type();
    if found != wanted {
        return Err(FileError::Value(format!("a column of {found}")));
    }
    let rows = usize::try_from(group.metadata().num_rows()).map_err(value)?;
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column)?);
    let (mut values, mut present) = (Vec::with_capacity(rows), Vec::new());
    while present.len().max(values.len()) < rows {
        let levels = Some(&mut present);
        let (read, ..) = reader.read_records(rows, levels, None, &mut values)?;
        if read == 0 {
            return Err(FileError::Value("rows are missing".to_owned()));
        }
    }
    Ok((values, present))
}

fn text(bytes: &ByteArray) -> Result<&str, FileError> {
    bytes.as_utf8().map_err(FileError::Parquet)
}

fn value(error: impl std::fmt::Display) -> FileError {
    FileError::Value(error.to_string())
}

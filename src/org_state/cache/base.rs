//! Base tables: every record of a big object as the org answered it, in Parquet.
//!
//! Values stand as text, exactly as the bulk query gave them; fields named `Is...` are booleans.
//! What is empty is null. Records come in the org's order; of one that comes twice the last
//! counts. A later refresh merges into these tables, and people open them with their own tools.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type};

use crate::org_state::selection::Selection;

/// Rows of one row group, which is what readers work on in parallel.
const GROUP_ROWS: usize = 122_880;

/// Fields of which a row group knows few values: only these get a dictionary.
const REPETITIVE: [&str; 9] = [
    "AccountId",
    "OwnerId",
    "ProfileId",
    "UserRoleId",
    "UserType",
    "PortalType",
    "PortalRole",
    "FirstName",
    "LastName",
];

/// A base table that is being written.
pub(in crate::org_state) struct BaseTable {
    writer: SerializedFileWriter<File>,
    /// Where its fields stand among those of the selection.
    places: Vec<usize>,
    columns: Vec<Column>,
    rows: usize,
}

impl std::fmt::Debug for BaseTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BaseTable({} columns)", self.columns.len())
    }
}

/// The values of a column in one row group.
struct Column {
    is_truth: bool,
    text: Vec<u8>,
    /// Where each value that is not null ends.
    ends: Vec<usize>,
    /// 1 for each value, 0 for each null.
    levels: Vec<i16>,
}

impl BaseTable {
    /// Begins a table of the fields that are read.
    pub(super) fn begin<const N: usize>(file: File, selection: &Selection<N>) -> io::Result<Self> {
        let places = selection.shown_places();
        let mut names: Vec<&str> = places
            .iter()
            .map(|place| selection.field_name(*place))
            .collect();
        names.extend(selection.external_id_names());
        let fields = names.iter().map(|name| field(name).map(Arc::new));
        let fields = fields.collect::<Result<_, _>>().map_err(failed)?;
        let schema = Type::group_type_builder(selection.object)
            .with_fields(fields)
            .build()
            .map_err(failed)?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_created_by("admit".to_owned());
        for name in REPETITIVE {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), true);
        }
        let writer =
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build()))
                .map_err(failed)?;
        let columns = names.iter().map(|name| Column::new(is_truth(name)));
        Ok(Self {
            writer,
            places,
            columns: columns.collect(),
            rows: 0,
        })
    }

    /// Adds a record: the values of all fields of the selection, then of its external ids.
    pub(in crate::org_state) fn push(
        &mut self,
        cells: &[&str],
        external_ids: &[&str],
    ) -> io::Result<()> {
        let shown = self.places.iter().map(|place| cells[*place]);
        let values = shown.chain(external_ids.iter().copied());
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
        self.rows += 1;
        if self.rows == GROUP_ROWS {
            self.write_group().map_err(failed)?;
        }
        Ok(())
    }

    /// Ends the table and waits until it is on the disk. Says its bytes.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        if self.rows > 0 {
            self.write_group().map_err(failed)?;
        }
        let file = self.writer.into_inner().map_err(failed)?;
        file.sync_all()?;
        Ok(file.metadata()?.len())
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            column.write(&mut group)?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl Column {
    fn new(is_truth: bool) -> Self {
        Self {
            is_truth,
            text: Vec::new(),
            ends: Vec::new(),
            levels: Vec::new(),
        }
    }

    fn push(&mut self, value: &str) {
        self.levels.push(i16::from(!value.is_empty()));
        if !value.is_empty() {
            self.text.extend_from_slice(value.as_bytes());
            self.ends.push(self.text.len());
        }
    }

    /// Writes the values and starts over.
    fn write(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, File>,
    ) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else {
            return Ok(());
        };
        let room = self.text.len();
        let text = Bytes::from(std::mem::replace(&mut self.text, Vec::with_capacity(room)));
        let mut start = 0;
        let values = self.ends.iter().map(|end| {
            let value = text.slice(start..*end);
            start = *end;
            value
        });
        match column.untyped() {
            ColumnWriter::BoolColumnWriter(writer) if self.is_truth => {
                let truths: Vec<bool> = values.map(|value| &*value == b"true").collect();
                writer.write_batch(&truths, Some(&self.levels), None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                let texts: Vec<ByteArray> = values.map(ByteArray::from).collect();
                writer.write_batch(&texts, Some(&self.levels), None)?;
            }
            _ => return Err(ParquetError::General("a column of another type".to_owned())),
        }
        self.ends.clear();
        self.levels.clear();
        column.close()
    }
}

fn field(name: &str) -> Result<Type, ParquetError> {
    let physical = if is_truth(name) {
        Physical::BOOLEAN
    } else {
        Physical::BYTE_ARRAY
    };
    let builder =
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    if is_truth(name) {
        return builder.build();
    }
    builder
        .with_logical_type(Some(LogicalType::String))
        .with_converted_type(ConvertedType::UTF8)
        .build()
}

/// All fields that are read and named so are booleans.
fn is_truth(name: &str) -> bool {
    name.starts_with("Is")
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

public import ChunkCoding
public import MetricsModel

/// Why bytes could not be read as (a part of) a block.
public enum BlockFormatError: Error, Equatable, Sendable {
    /// The first bytes are not those of a block.
    case notABlock(found: [UInt8])
    /// The version is none this reader knows.
    case unsupportedVersion(found: UInt8)
    /// The caller handed over `found` bytes for a page that has `expected`, or as many ranges.
    case suppliedSizeMismatch(BlockLocation, expected: Int, found: Int)
    case checksumMismatch(BlockLocation, expected: UInt64, found: UInt64)
    /// zstd refuses the bytes; `code` is its `ZSTD_ErrorCode`.
    case decompressionFailed(BlockLocation, code: Int)
    /// Decompression gave another size than the directory says.
    case sizeMismatch(BlockLocation, expected: Int, found: Int)
    /// A field of `needed` bytes starts where only `available` are left.
    case truncated(BlockLocation, needed: Int, available: Int)
    /// A field holds what no writer of this version produces.
    case invalidField(BlockLocation, Field, found: UInt64)
    /// Bytes are left after the last field.
    case trailingBytes(BlockLocation, count: Int)
    /// A column of samples is damaged although its page's checksum is right.
    case damagedColumn(BlockLocation, ChunkError)
    /// An exemplar or a metadata entry is damaged although its page's checksum is right.
    case damagedValue(BlockLocation, StoredBytesError)
    /// A column is asked for whose page was not supplied, or is not in the block.
    case missingColumn(BlockSection, column: Int)
    /// The chunks of a row hold `count` histograms fewer than its table says.
    case missingHistograms(row: Int, count: Int)
    /// Whoever reads said that it shall not go on.
    case cancelled

    /// The field a message is about.
    public enum Field: String, Sendable {
        case cardinality
        case chunkCount
        case columnCount
        case columnIndexWidth
        case columnSize
        case dictionaryCount
        case dictionaryIndex
        case directorySize
        case firstColumn
        case firstRow
        case itemCount
        case labelCount
        case labelName
        case labelNameCount
        case labelNameIndex
        case metricCount
        case metricIndex
        case metricName
        case pageCount
        case pageSize
        case reserved
        case rowCount
        case sampleCount
        case section
        case sectionCount
        case seriesCount
        case startFlag
        case storedSize
        case tableCount
        case tableSize
        case timeRange
        case valueSize
        case varint
    }
}

/// A place in a block, for messages.
public struct BlockLocation: Equatable, Sendable {
    public var section: BlockSection
    /// Number of the page in its section; 0 for the directory.
    public var page: Int
    /// Bytes from the start of the page before compression.
    public var offset: Int

    public init(section: BlockSection, page: Int, offset: Int = 0) {
        self.section = section
        self.page = page
        self.offset = offset
    }
}

/// Why a block could not be built.
public enum BlockBuildError: Error, Equatable, Sendable {
    /// The same label set was added twice; `key` is its series key.
    case duplicateSeries(key: [UInt8])
    /// The labels of one series take `size` bytes, more than a page holds.
    case labelsTooLarge(size: Int, limit: Int)
    /// So many metrics or pages that the directory takes `size` bytes.
    case directoryTooLarge(size: Int, limit: Int)
    /// So many pages of exemplars that their index takes `size` bytes.
    case exemplarIndexTooLarge(size: Int, limit: Int)
    /// zstd refuses to compress; `code` is its `ZSTD_ErrorCode`.
    case compressionFailed(code: Int)
}

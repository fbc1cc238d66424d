/// The numbers that fix versions 1 and 2 of a block's bytes; `docs/formats/block.md` explains them.
public enum BlockLayout {
    /// Version of blocks of plain floats.
    public static let floatsVersion: UInt8 = 1
    /// Newest version: that of blocks with histograms or start timestamps.
    public static let version: UInt8 = 2
    /// A page is closed once its bytes, before compression, reach this size.
    public static let pageTargetSize = 64 << 10
    /// No page of any section has more bytes than this, before compression.
    public static let pageMaximumSize = 1 << 20
    /// No directory has more bytes than this, before compression.
    public static let directoryMaximumSize = 64 << 20
    /// A series' samples are cut into columns of this many; only the last may have fewer.
    public static let samplesPerColumn = 4096
    /// A series' histograms are cut into chunks of at most this many; fewer if they have many buckets.
    public static let histogramsPerChunk = 256
    /// Rows in one label table at most.
    static let rowsPerTable = 4096
    /// Most samples of one series in one block; one each millisecond for 24 days.
    static let maximumSamplesPerSeries = 1 << 31

    /// First bytes of every block.
    static let magic: [UInt8] = [0x45, 0x47, 0x42, 0x4B]
    /// Magic, version, three zeros, two directory sizes, checksum.
    static let headerSize = 24
    /// Header bytes that the checksum covers beside the directory.
    static let checkedHeaderSize = 16

    /// Number of columns that hold `sampleCount` samples.
    static func columnCount(of sampleCount: Int) -> Int {
        (sampleCount + samplesPerColumn - 1) / samplesPerColumn
    }
}

/// The parts of a block; the raw value is the byte in the directory.
///
/// Readers skip the pages of a number they do not know; a change that a reader must not skip gets a
/// new block version.
public enum BlockSection: UInt8, Sendable, CaseIterable {
    /// Not listed in itself; names the directory in errors.
    case directory = 0
    /// A label table for each metric.
    case labels = 1
    /// Distinct timestamp columns.
    case timestamps = 2
    /// Value columns, in the order of series.
    case values = 3
    /// Fingerprint, sample count and checksum of each series.
    case digests = 4
    /// Chunks of histograms, in the order of series; since version 2.
    case histograms = 5
    /// Exemplars in the order of series, and an index of their pages; only where there are any.
    case exemplars = 6
    /// Metadata of the block's metrics; only where there is any.
    case metadata = 7
    /// Columns of start timestamps, in the order of the series that have them; since version 2.
    case starts = 8
}

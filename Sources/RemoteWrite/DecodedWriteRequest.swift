/// One write request by columns; its memory is used again for the next one.
///
/// Row i is one `TimeSeries` message in the order of the request: where its label bytes are, and where its
/// samples end in the columns. Label bytes of remote write 1.0 stay in the body; only those of a series that was not
/// sent as Prometheus does are put together in a side buffer, which continues the body's offsets. Those of remote
/// write 2.0 are all put together there, from symbols, in the same form.
public struct DecodedWriteRequest {
    /// One series of the request.
    public struct Row: Sendable, Equatable {
        /// Offset of the label bytes; past the body's end they are in the side buffer.
        public internal(set) var keyOffset: UInt32
        public internal(set) var keySize: UInt32
        /// One past the row's last sample.
        public internal(set) var sampleEnd: UInt32
        /// Native histograms that came with the row.
        public internal(set) var histogramCount: UInt32
        /// Whether the label bytes are not the ones received.
        public internal(set) var isNormalised: Bool
    }

    /// Where the content of an `Exemplar` message is.
    public struct ExemplarPlace: Sendable, Equatable {
        public let row: Int
        /// Offsets in the body.
        public let range: Range<Int>
    }

    public internal(set) var rows: [Row] = []
    /// Milliseconds, ascending within a row.
    public internal(set) var timestamps: [Int64] = []
    /// Bit for bit as received.
    public internal(set) var values: [Double] = []
    /// When counting began, for each sample, ms; 0 is unknown.
    ///
    /// Never after the sample, never before 1970. Empty where no sample has one.
    public internal(set) var startTimestamps: [Int64] = []
    /// Exemplars met, of all rows.
    public internal(set) var exemplarCount = 0
    /// The exemplars that are to be decoded, in the order of rows: all of them, up to a limit.
    public internal(set) var exemplarMessages: [ExemplarPlace] = []
    /// Where in the body the content of each `Histogram` message is, in the order of rows.
    public internal(set) var histogramMessages: [Range<Int>] = []
    /// Metadata entries met; of 2.0, where each series repeats its metric's, only those that differ.
    public internal(set) var metadataCount = 0
    /// Where in the body the content of each metadata message is: of all that are counted, up to a limit.
    public internal(set) var metadataMessages: [Range<Int>] = []
    public internal(set) var version = WriteVersion.one

    var bodySize = 0
    var sideBuffer = SideBuffer()
    /// The symbols of a 2.0 request.
    var symbols = SymbolTable()
    /// Numbers of the symbols that are the labels of the series being read.
    var references: [UInt32] = []
    /// What a 2.0 series says about its start, for each histogram; those beyond the end have none.
    var histogramStarts: [Int64] = []
    /// For each message of metadata in a 2.0 request, whose it is.
    var metadataOwners: [MetadataOwner] = []
    /// For each symbol, one more than the number of the last metadata message of the metric with this name; 0 is none.
    var lastMetadata: [UInt32] = []

    /// Native histograms met, of all rows.
    public var histogramCount: Int { histogramMessages.count }

    /// Bytes beside the body that hold label bytes.
    public var sideSize: Int { sideBuffer.count }

    public init() {}

    /// The row's samples in the columns.
    @inlinable
    public func sampleRange(ofRow row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(rows[row - 1].sampleEnd))..<Int(rows[row].sampleEnd)
    }

    /// Calls the body with the row's label bytes: its series key, where they are canonical.
    ///
    /// - Parameter body: The bytes that were scanned.
    public func withKey<Result>(
        ofRow row: Int,
        in body: UnsafeRawBufferPointer,
        _ use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let offset = Int(rows[row].keyOffset)
        let size = Int(rows[row].keySize)
        if offset + size <= bodySize {
            return use(UnsafeRawBufferPointer(rebasing: body[offset..<offset + size]))
        }
        let start = offset - bodySize
        return sideBuffer.withUnsafeBytes {
            use(UnsafeRawBufferPointer(rebasing: $0[start..<start + size]))
        }
    }

    /// Bytes that the columns hold from the system.
    public var capacity: Int {
        rows.capacity * MemoryLayout<Row>.stride + timestamps.capacity * 16 + sideBuffer.capacity
            + (histogramMessages.capacity + metadataMessages.capacity) * 16
            + exemplarMessages.capacity * MemoryLayout<ExemplarPlace>.stride + symbols.capacity
            + (startTimestamps.capacity + histogramStarts.capacity) * 8
            + (references.capacity + lastMetadata.capacity) * 4
            + metadataOwners.capacity * MemoryLayout<MetadataOwner>.stride
    }

    /// Notes an exemplar of the row that is being read; not inlined, to keep it out of the loop over samples.
    @inline(never)
    mutating func noteExemplar(_ range: Range<Int>, limit: Int) {
        if exemplarCount < limit {
            exemplarMessages.append(ExemplarPlace(row: rows.count, range: range))
        }
        exemplarCount += 1
    }

    @inline(never)
    mutating func noteMetadata(_ range: Range<Int>, limit: Int) {
        if metadataCount < limit { metadataMessages.append(range) }
        metadataCount += 1
    }

    mutating func reset(bodySize: Int, version: WriteVersion) {
        self.version = version
        startTimestamps.removeAll(keepingCapacity: true)
        symbols.removeAll()
        references.removeAll(keepingCapacity: true)
        histogramStarts.removeAll(keepingCapacity: true)
        metadataOwners.removeAll(keepingCapacity: true)
        lastMetadata.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        sideBuffer.removeAll()
        exemplarCount = 0
        exemplarMessages.removeAll(keepingCapacity: true)
        histogramMessages.removeAll(keepingCapacity: true)
        metadataCount = 0
        metadataMessages.removeAll(keepingCapacity: true)
        self.bodySize = bodySize
    }
}

internal import ClusterInterface
internal import MetricsModel

/// A piece of an answer that is series in order of their fingerprints.
struct SeriesPieceMessage: WireMessage, Equatable {
    static let kind: UInt8 = 11

    var series: PackedSeries
    /// Whether the answer is complete with it; a stream that ends without is broken off.
    var isLast: Bool
    /// Items of this piece and all before it.
    var total: UInt64

    init(_ series: PackedSeries, isLast: Bool, total: UInt64) {
        self.series = series
        self.isLast = isLast
        self.total = total
    }

    var bodySize: Int { 1 + 8 + 4 + 4 + series.count * 20 + series.bytes.count }

    func write(into writer: inout WireWriter) {
        writer.integer(UInt8(isLast ? 1 : 0))
        writer.integer(total)
        writer.integer(UInt32(series.count))
        writer.integer(UInt32(series.bytes.count))
        writer.fingerprints(series.fingerprints)
        writer.column(series.ends)
        writer.bytes(series.bytes)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let last = try reader.integer(UInt8.self)
        guard last <= 1 else { throw .invalidField("last", found: UInt64(last)) }
        isLast = last == 1
        total = try reader.integer(UInt64.self)
        let count = try reader.count(itemsOfAtLeast: 20 + PackedSeries.leastItemSize)
        let size = Int(try reader.integer(UInt32.self))
        let fingerprints = try reader.fingerprints(count)
        let ends: [UInt32] = try reader.column(count)
        let bytes = try reader.bytes(size)
        do throws(PackedSeriesError) {
            series = try PackedSeries(fingerprints: fingerprints, ends: ends, bytes: bytes)
        } catch {
            throw .invalidSeries(error)
        }
    }
}

/// Checks that the pieces of an answer are all of it.
struct SeriesPieceCount {
    private var total: UInt64 = 0
    private(set) var isComplete = false

    /// Takes the next piece.
    ///
    /// - Throws: where a piece is missing before it, or it comes after the last.
    mutating func take(_ piece: SeriesPieceMessage) throws(WireError) {
        guard !isComplete else { throw .invalidField("last", found: 1) }
        let (sum, overflow) = total.addingReportingOverflow(UInt64(piece.series.count))
        guard !overflow, sum == piece.total else {
            throw .invalidField("total", found: piece.total)
        }
        total = sum
        isComplete = piece.isLast
    }
}

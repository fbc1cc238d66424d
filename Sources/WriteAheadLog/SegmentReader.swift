/// Walks the records of one segment, past whatever is damaged.
///
/// A record is either handed on exactly as it was written or reported as damaged.
public enum SegmentReader {
    /// Reads a whole segment.
    ///
    /// - Parameters:
    ///   - bytes: The segment from its first byte; the zeros of a preallocated file may follow it.
    ///   - visit: Takes each record, in order; what it throws ends the walk.
    public static func read<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer,
        visit: (LogRecord) throws(Failure) -> Void
    ) throws(Failure) -> SegmentReport {
        var walk = SegmentWalk(size: bytes.count)
        while case .record(let range) = walk.next(in: bytes, at: 0) {
            try read(range, of: bytes, at: 0, &walk, visit: visit)
        }
        return walk.report
    }

    /// Decodes a record that a walk has found, and hands it on.
    ///
    /// - Parameters:
    ///   - range: Where the record is in the segment.
    ///   - window: Bytes of the segment, the record among them.
    ///   - base: Where in the segment the window begins.
    public static func read<Failure: Error>(
        _ range: Range<Int>,
        of window: UnsafeRawBufferPointer,
        at base: Int,
        _ walk: inout SegmentWalk,
        visit: (LogRecord) throws(Failure) -> Void
    ) throws(Failure) {
        let bytes = window[range.lowerBound - base..<range.upperBound - base]
        let record: LogRecord
        do throws(LogRecordError) {
            record = try LogRecord(decoding: UnsafeRawBufferPointer(rebasing: bytes))
        } catch {
            walk.noteUndecodable(range, error)
            return
        }
        try visit(record)
        walk.noteRecord()
    }
}

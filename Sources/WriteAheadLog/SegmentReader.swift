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
        var report = SegmentReport()
        let frame: RecordFrame
        do throws(SegmentDamage.Reason) {
            let header = try SegmentHeader(reading: bytes)
            report.number = header.number
            frame = RecordFrame(salt: header.salt)
        } catch {
            report.damaged.append(SegmentDamage(offset: 0, size: bytes.count, reason: error))
            return report
        }
        var offset = SegmentHeader.size
        while offset < bytes.count {
            let range: Range<Int>
            do throws(SegmentDamage.Reason) {
                range = try frame.record(in: bytes, at: offset)
            } catch {
                offset = skip(error, in: bytes, at: offset, frame, &report)
                continue
            }
            let record: LogRecord
            do throws(LogRecordError) {
                record = try LogRecord(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]))
            } catch {
                let size = range.upperBound - offset
                report.damaged.append(
                    SegmentDamage(offset: offset, size: size, reason: .undecodable(error))
                )
                offset = range.upperBound
                continue
            }
            try visit(record)
            report.recordCount += 1
            offset = range.upperBound
        }
        return report
    }

    /// Notes what is wrong at an offset and returns where to read on.
    private static func skip(
        _ reason: SegmentDamage.Reason,
        in bytes: UnsafeRawBufferPointer,
        at offset: Int,
        _ frame: RecordFrame,
        _ report: inout SegmentReport
    ) -> Int {
        if RecordFrame.isUnused(bytes, from: offset) { return bytes.count }
        guard let next = frame.nextFrame(in: bytes, from: offset + 1) else {
            report.tornTail = offset
            return bytes.count
        }
        report.damaged.append(
            SegmentDamage(offset: offset, size: next - offset, reason: reason)
        )
        return next
    }
}

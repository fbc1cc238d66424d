/// Finds the records of one segment, past whatever is damaged, looking at a window of its bytes at a time.
///
/// A record is either found exactly as it was written or part of a reported stretch. Only a record has to
/// fit the window, never a segment.
public struct SegmentWalk: Sendable {
    /// What ``next(in:at:)`` came to; positions count from the segment's first byte.
    public enum Step: Equatable, Sendable {
        /// A whole record, inside the window.
        case record(Range<Int>)
        /// Asks for a window that begins at or before the range and contains it.
        case needs(Range<Int>)
        case end
    }

    /// What was found so far; complete after ``Step/end``.
    public private(set) var report = SegmentReport()
    private let size: Int
    private var offset = 0
    private var frame: RecordFrame?
    private var gap: Gap?

    /// A stretch without a record that may still go on.
    private struct Gap {
        var start: Int
        var reason: SegmentDamage.Reason
        /// Whether all of it so far is zeros, as the unused end of a preallocated file.
        var isZero = true
    }

    /// - Parameter size: Bytes of the segment, the zeros of a preallocated file included.
    public init(size: Int) { self.size = size }

    /// Goes on to the next record.
    ///
    /// - Parameters:
    ///   - window: Bytes of the segment, as many as there are at hand.
    ///   - base: Where in the segment the window begins.
    public mutating func next(in window: UnsafeRawBufferPointer, at base: Int) -> Step {
        guard let frame else { return readHeader(window, at: base) }
        while offset < size {
            guard offset - base < window.count else { return needs(RecordFrame.headerSize) }
            switch frame.find(in: window, at: offset - base, left: size - offset) {
            case .record(let range):
                closeGap()
                offset = base + range.upperBound
                return .record(base + range.lowerBound..<offset)
            case .incomplete(let count):
                return needs(count)
            case .none(let reason):
                skip(reason, in: window, at: base, frame)
            }
        }
        if let gap, !gap.isZero { report.tornTail = gap.start }
        gap = nil
        return .end
    }

    /// Counts a record that was taken.
    mutating func noteRecord() { report.recordCount += 1 }

    /// Notes that the bytes of a record, which are as they were written, are none that can be read.
    mutating func noteUndecodable(_ range: Range<Int>, _ error: LogRecordError) {
        let start = range.lowerBound - RecordFrame.headerSize
        report.damaged.append(
            SegmentDamage(
                offset: start,
                size: range.upperBound - start,
                reason: .undecodable(error)
            )
        )
    }

    private mutating func readHeader(_ window: UnsafeRawBufferPointer, at base: Int) -> Step {
        let wanted = min(SegmentHeader.size, size)
        guard base == 0, window.count >= wanted else { return .needs(0..<wanted) }
        do throws(SegmentDamage.Reason) {
            let header = try SegmentHeader(
                reading: UnsafeRawBufferPointer(rebasing: window[..<wanted])
            )
            report.number = header.number
            frame = RecordFrame(salt: header.salt)
            offset = SegmentHeader.size
        } catch {
            report.damaged.append(SegmentDamage(offset: 0, size: size, reason: error))
            offset = size
            return .end
        }
        return next(in: window, at: base)
    }

    /// Moves on to the next place in the window where a frame may begin, or to its end.
    private mutating func skip(
        _ reason: SegmentDamage.Reason,
        in window: UnsafeRawBufferPointer,
        at base: Int,
        _ frame: RecordFrame
    ) {
        var gap = gap ?? Gap(start: offset, reason: reason)
        let next = frame.nextCandidate(in: window, from: offset - base + 1) ?? window.count
        gap.isZero = gap.isZero && RecordFrame.isZero(window[(offset - base)..<next])
        self.gap = gap
        offset = base + next
    }

    /// Reports the stretch that ends where a record was found.
    private mutating func closeGap() {
        guard let gap else { return }
        report.damaged.append(
            SegmentDamage(offset: gap.start, size: offset - gap.start, reason: gap.reason)
        )
        self.gap = nil
    }

    private func needs(_ count: Int) -> Step { .needs(offset..<min(size, offset + count)) }
}

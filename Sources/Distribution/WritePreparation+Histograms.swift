internal import MetricsModel
internal import RemoteWrite

/// Native histograms of a request.
extension WritePreparation {
    /// Whether a row has what remote write 2.0 forbids: samples as well as histograms.
    func hasForbiddenMix(_ row: Int, of request: DecodedWriteRequest) -> Bool {
        request.version == .two && request.rows[row].histogramCount > 0
            && !request.sampleRange(ofRow: row).isEmpty
    }

    /// Decodes a row's histograms, tallies those that cannot be stored, and sorts the others by time.
    mutating func takeHistograms(
        ofRow row: Int,
        in scratch: WriteScratch
    ) throws(WireError) {
        let count = Int(scratch.request.rows[row].histogramCount)
        guard count > 0 else { return }
        let first = columns.histograms.timestamps.count
        for index in nextHistogram..<nextHistogram + count {
            do throws(HistogramMessageError) {
                let (message, start) = try scratch.request.histogram(
                    index,
                    in: scratch.buffer.bytes
                )
                guard !isSuperseded(message.timestamp) else {
                    supersededCount += 1
                    continue
                }
                guard acceptedTimestamps.contains(message.timestamp) else {
                    refuse(message.timestamp, ofRow: row, in: scratch)
                    continue
                }
                columns.histograms.append(
                    timestamp: message.timestamp,
                    value: message.histogram,
                    start: start
                )
            } catch {
                switch error {
                case .malformed(let error): throw error
                case .refused(let fault, _):
                    refusals.add(DiscardReason(fault), count: 1) {
                        (fault.description, Self.describe(row, of: scratch))
                    }
                }
            }
        }
        columns.histograms.sort(from: first)
    }
}

extension HistogramColumns {
    /// Sorts the histograms from `first` on by time; equal times keep their order.
    fileprivate mutating func sort(from first: Int) {
        let range = first..<timestamps.count
        guard zip(range, range.dropFirst()).contains(where: { timestamps[$0] > timestamps[$1] })
        else { return }
        let order = range.sorted { (timestamps[$0], $0) < (timestamps[$1], $1) }
        let (times, histograms) = (order.map { timestamps[$0] }, order.map { values[$0] })
        timestamps.replaceSubrange(range, with: times)
        values.replaceSubrange(range, with: histograms)
        guard !startTimestamps.isEmpty else { return }
        startTimestamps.replaceSubrange(range, with: order.map { startTimestamps[$0] })
    }
}

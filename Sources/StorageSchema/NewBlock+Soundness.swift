public import ClusterInterface
internal import MetricsModel

extension NewBlock {
    /// Refuses a block whose record says something else than its body.
    ///
    /// - Throws: ``StoreError/corrupt(_:)``.
    public func requireSoundness() throws(StoreError) {
        guard record.size == body.count, !record.range.isEmpty else {
            throw .corrupt(
                "block \(record.id) with \(body.count) bytes, \(record.size) expected, "
                    + "and times \(record.range)"
            )
        }
    }
}

extension BlockDirectory {
    /// Bytes in memory, about: arrays take 32 bytes beside their elements.
    public var memorySize: Int {
        let pages =
            labelPages.count + timestampPages.count + valuePages.count + digestPages.count
            + histogramPages.count + startPages.count
        let names = labelNameBytes.reduce(0) { $0 + $1.count + 40 }
        return metrics.reduce(pages * MemoryLayout<BlockPage>.stride + names + 512) {
            $0 + MemoryLayout<BlockMetric>.stride + 64 + $1.nameBytes.count
                + $1.labels.count * MemoryLayout<BlockMetric.LabelUse>.stride
        }
    }
}

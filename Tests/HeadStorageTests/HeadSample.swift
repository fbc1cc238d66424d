import MetricsModel

/// One sample of either kind, compared bit for bit.
struct HeadSample: Equatable {
    var timestamp: Int64
    var value: Value
    var start: Int64 = 0

    enum Value: Equatable {
        case float(UInt64)
        case histogram(Histogram)

        static func == (left: Value, right: Value) -> Bool {
            switch (left, right) {
            case (.float(let left), .float(let right)): left == right
            case (.histogram(let left), .histogram(let right)): left.isIdentical(to: right)
            default: false
            }
        }
    }
}

extension SampleColumns {
    /// All samples by ascending time.
    var headSamples: [HeadSample] {
        var samples = timestamps.indices.map {
            HeadSample(
                timestamp: timestamps[$0],
                value: .float(values[$0].bitPattern),
                start: startTimestamps.isEmpty ? 0 : startTimestamps[$0]
            )
        }
        let starts = histograms.startTimestamps
        for index in histograms.timestamps.indices {
            samples.append(
                HeadSample(
                    timestamp: histograms.timestamps[index],
                    value: .histogram(histograms.values[index]),
                    start: starts.isEmpty ? 0 : starts[index]
                )
            )
        }
        return samples.sorted { $0.timestamp < $1.timestamp }
    }
}

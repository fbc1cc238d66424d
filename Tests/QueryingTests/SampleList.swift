import ChunkCoding
import MetricsModel
import TestSupport

/// The samples of one series in order of time, and how they may lie in blocks and chunks.
struct SampleList {
    private enum Value {
        case float(Double)
        case histogram(Histogram)
    }

    private struct Sample {
        var time: Int64
        var value: Value
        var start: Int64
    }

    private var samples: [Sample] = []

    private init(_ samples: [Sample]) {
        self.samples = samples
    }

    /// Floats, histograms or both, with and without start timestamps.
    init(using random: inout SeededGenerator) {
        let hasHistograms = Bool.random(using: &random)
        let hasFloats = !hasHistograms || Bool.random(using: &random)
        let hasStarts = Bool.random(using: &random)
        var time = Int64.random(in: 0...50, using: &random)
        for number in 0..<Int.random(in: 1...60, using: &random) {
            time += Int64.random(in: 1...20, using: &random)
            let isFloat = hasFloats && (!hasHistograms || Bool.random(using: &random))
            let count = Double(number)
            let histogram = Histogram(
                count: count,
                sum: 2 * count,
                positive: .init(indexes: [0, 3], counts: [1, count])
            )
            samples.append(
                Sample(
                    time: time,
                    value: isFloat ? .float(count / 3) : .histogram(histogram),
                    start: hasStarts && number % 7 > 2 ? time - 5 : 0
                )
            )
        }
    }

    init(_ columns: SampleColumns) {
        for (index, time) in columns.timestamps.enumerated() {
            let start = columns.startTimestamps.isEmpty ? 0 : columns.startTimestamps[index]
            samples.append(Sample(time: time, value: .float(columns.values[index]), start: start))
        }
        let histograms = columns.histograms
        for (index, time) in histograms.timestamps.enumerated() {
            let start = histograms.startTimestamps.isEmpty ? 0 : histograms.startTimestamps[index]
            let value = Value.histogram(histograms.values[index])
            samples.append(Sample(time: time, value: value, start: start))
        }
        samples.sort { $0.time < $1.time }
    }

    /// All samples with their bits, so that lists can be compared.
    var text: String {
        samples.map { sample in
            switch sample.value {
            case .float(let value): "\(sample.time) \(value.bitPattern) \(sample.start)"
            case .histogram(let value): "\(sample.time) \(value) \(sample.start)"
            }
        }.joined(separator: "\n")
    }

    var columns: SampleColumns {
        var columns = SampleColumns()
        for sample in samples {
            switch sample.value {
            case .float(let value):
                columns.append(timestamp: sample.time, value: value, start: sample.start)
            case .histogram(let value):
                columns.histograms.append(timestamp: sample.time, value: value, start: sample.start)
            }
        }
        return columns
    }

    /// Some samples, at least one.
    func part(using random: inout SeededGenerator) -> SampleColumns {
        part(using: &random).columns
    }

    func part(using random: inout SeededGenerator) -> SampleList {
        guard Bool.random(using: &random) else {
            // What a block has: a piece of time.
            let start = Int.random(in: 0..<samples.count, using: &random)
            let end = Int.random(in: start + 1...samples.count, using: &random)
            return SampleList(Array(samples[start..<end]))
        }
        let some = samples.filter { _ in Bool.random(using: &random) }
        return SampleList(some.isEmpty ? samples : some)
    }

    /// Two or three lists that have all samples together, and some of them twice.
    func split(using random: inout SeededGenerator) -> [SampleList] {
        let late = samples.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
        let times = Set(late.map(\.time))
        let others = samples.filter { !times.contains($0.time) }
        return [SampleList(others), SampleList(late), part(using: &random)]
            .filter { !$0.samples.isEmpty }
    }

    /// Chunks of one to some samples of one kind each, open ones where floats have no start.
    func chunks(using random: inout SeededGenerator) -> [EncodedChunk] {
        var chunks: [EncodedChunk] = []
        let columns = columns
        var start = 0
        while start < columns.timestamps.count {
            let end = min(columns.timestamps.count, start + Int.random(in: 1...20, using: &random))
            chunks.append(Self.floats(columns, start..<end, using: &random))
            start = end
        }
        start = 0
        let histograms = columns.histograms
        while start < histograms.timestamps.count {
            let end = min(
                histograms.timestamps.count,
                start + Int.random(in: 1...20, using: &random)
            )
            let starts = histograms.startTimestamps.isEmpty ? 0..<0 : start..<end
            chunks.append(
                EncodedChunk(
                    timestamps: histograms.timestamps[start..<end].span,
                    histograms: histograms.values[start..<end],
                    starts: histograms.startTimestamps[starts].span
                )
            )
            start = end
        }
        return chunks.sorted { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }
    }

    private static func floats(
        _ columns: SampleColumns,
        _ range: Range<Int>,
        using random: inout SeededGenerator
    ) -> EncodedChunk {
        let times = Array(columns.timestamps[range])
        let values = Array(columns.values[range])
        let starts = columns.startTimestamps.isEmpty ? [] : Array(columns.startTimestamps[range])
        if starts.allSatisfy({ $0 == 0 }), Bool.random(using: &random) {
            return .stream(times, values)
        }
        return EncodedChunk(timestamps: times.span, values: values.span, starts: starts.span)
    }
}

extension EncodedChunk {
    /// An open chunk, as an ingester sends it.
    static func stream(_ times: [Int64], _ values: [Double]) -> EncodedChunk {
        var bytes = [UInt8](repeating: 0, count: (times.count + 1) * SampleStream.maximumSize)
        let size = bytes.withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { return 0 }
            SampleStream.writeFirst(timestamp: times[0], bits: values[0].bitPattern, to: base)
            var size = SampleStream.firstSize
            var step: Int64 = 0
            for index in times.indices.dropFirst() {
                let next = times[index] - times[index - 1]
                size += SampleStream.write(
                    step: next - step,
                    change: values[index].bitPattern ^ values[index - 1].bitPattern,
                    to: base + size
                )
                step = next
            }
            return size
        }
        return EncodedChunk(
            streamOf: times.count,
            minTime: times[0],
            maxTime: times[times.count - 1],
            size: size
        ) { target in
            for (offset, byte) in bytes.prefix(size).enumerated() {
                target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            }
        }
    }
}

internal import MetricsModel

/// The samples of one series that a range function sees at one step.
struct HistogramWindow {
    /// The indexes in the series of the window's samples; not empty.
    ///
    /// Plain: after ``start`` up to ``end``. Extended: with the samples around the edges as well.
    let indexes: Range<Int>
    /// Milliseconds; the window begins behind this.
    let start: Int64
    /// Milliseconds; the last moment of the window.
    let end: Int64

    var first: Int { indexes.lowerBound }
    var last: Int { indexes.upperBound - 1 }
    var count: Int { indexes.count }
    var seconds: Double { Self.seconds(from: start, to: end) }

    static func seconds(from start: Int64, to end: Int64) -> Double {
        Double(end.saturatingSubtract(start)) / 1000
    }
}

extension HistogramSeries {
    /// The sum of a window's samples.
    func sum(over window: HistogramWindow) -> HistogramOutcome {
        var sum = HistogramSum(values[window.first])
        do throws(IncompatibleHistograms) {
            for index in window.indexes.dropFirst() { try sum.add(values[index]) }
        } catch {
            return HistogramOutcome(nil, .mixedSchemas)
        }
        return HistogramOutcome(sum.total, sum.notes)
    }

    /// The mean of a window's samples.
    func mean(over window: HistogramWindow) -> HistogramOutcome {
        var mean = HistogramMean(values[window.first])
        do throws(IncompatibleHistograms) {
            for index in window.indexes.dropFirst() { try mean.add(values[index]) }
        } catch {
            return HistogramOutcome(nil, .mixedSchemas)
        }
        return HistogramOutcome(mean.mean, mean.notes)
    }
}

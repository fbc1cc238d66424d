internal import MetricsModel

/// What a binary operator makes of two samples.
struct SampleOutcome: Sendable, Hashable {
    /// Nil if a comparison filters the element out or the operands do not fit.
    var value: SampleValue?
    var notes: HistogramNotes

    init(_ value: SampleValue?, _ notes: HistogramNotes = []) {
        self.value = value
        self.notes = notes
    }
}

extension BinaryOperator {
    /// Applies an operator to two samples of any kinds; set operators never come here.
    ///
    /// - Parameter returnsBool: Whether a comparison gives 0 or 1 instead of filtering the left value.
    static func apply(
        _ operation: BinaryOperator,
        _ left: SampleValue,
        _ right: SampleValue,
        returnsBool: Bool
    ) -> SampleOutcome {
        switch (left, right) {
        case (.float(let left), .float(let right)):
            operation.floats(left, right, returnsBool: returnsBool)
        case (.histogram(let left), .histogram(let right)):
            operation.histograms(left, right, returnsBool: returnsBool)
        case (.histogram(let left), .float(let right)):
            operation.histogram(left, with: right)
        case (.float(let left), .histogram(let right)):
            operation == .multiply
                ? SampleOutcome(.histogram(right.multiplied(by: left).compacted()))
                : SampleOutcome(nil, .incompatibleTypes)
        }
    }

    private func floats(_ left: Double, _ right: Double, returnsBool: Bool) -> SampleOutcome {
        if isTrim { return SampleOutcome(nil, .incompatibleTypes) }
        guard isComparison, !returnsBool else { return SampleOutcome(.float(apply(left, right))) }
        return SampleOutcome(holds(left, right) ? .float(left) : nil)
    }

    private func histograms(
        _ left: Histogram,
        _ right: Histogram,
        returnsBool: Bool
    ) -> SampleOutcome {
        switch self {
        case .add, .subtract:
            return combined(left, right)
        case .equal, .notEqual:
            let holds = left.isSame(as: right) == (self == .equal)
            if returnsBool { return SampleOutcome(.float(holds ? 1 : 0)) }
            return SampleOutcome(holds ? .histogram(left) : nil)
        default:
            return SampleOutcome(nil, .incompatibleTypes)
        }
    }

    private func combined(_ left: Histogram, _ right: Histogram) -> SampleOutcome {
        var result = left
        do throws(IncompatibleHistograms) {
            let notes: HistogramNotes
            if self == .add {
                notes = try result.add(right)
            } else {
                notes = try result.subtract(right)
                result.resetHint = .gauge
            }
            result.compact()
            return SampleOutcome(.histogram(result), notes)
        } catch {
            return SampleOutcome(nil, .incompatibleBuckets)
        }
    }

    private func histogram(_ left: Histogram, with right: Double) -> SampleOutcome {
        switch self {
        case .multiply:
            SampleOutcome(.histogram(left.multiplied(by: right).compacted()))
        case .divide:
            SampleOutcome(.histogram(left.divided(by: right).compacted()))
        case .trimUpper:
            SampleOutcome(.histogram(left.trimmed(at: right, keeping: .below)))
        case .trimLower:
            SampleOutcome(.histogram(left.trimmed(at: right, keeping: .above)))
        default:
            SampleOutcome(nil, .incompatibleTypes)
        }
    }
}

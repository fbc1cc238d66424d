import MetricsModel
import Testing

@testable import PromQL

@Suite struct SampleOperatorTests {
    private static let histogram = Sample.exponential(
        sum: 33,
        count: 30,
        zero: 3,
        width: 0.001,
        [3, 3, 3],
        negative: [6, 6, 6]
    )

    private func apply(
        _ operation: BinaryOperator,
        _ left: SampleValue,
        _ right: SampleValue,
        returnsBool: Bool = false
    ) -> SampleOutcome {
        BinaryOperator.apply(operation, left, right, returnsBool: returnsBool)
    }

    @Test func `A factor may stand on either side, a divisor only on the right`() {
        let left = SampleValue.histogram(Self.histogram)
        let expected = SampleOutcome(.histogram(Self.histogram.multiplied(by: 3)))
        #expect(apply(.multiply, left, .float(3)) == expected)
        #expect(apply(.multiply, .float(3), left) == expected)
        #expect(
            apply(.divide, left, .float(-3))
                == SampleOutcome(.histogram(Self.histogram.divided(by: -3)))
        )
        #expect(apply(.divide, .float(3), left) == SampleOutcome(nil, .incompatibleTypes))
        let nothing = apply(.multiply, left, .float(0)).value
        #expect(nothing == .histogram(Sample.exponential(width: 0.001)))
    }

    @Test func `Histograms are compared for equality alone`() {
        let left = SampleValue.histogram(Self.histogram)
        let right = SampleValue.histogram(Sample.exponential())
        #expect(apply(.equal, left, left) == SampleOutcome(left))
        #expect(apply(.equal, left, right) == SampleOutcome(nil))
        #expect(apply(.notEqual, left, right) == SampleOutcome(left))
        #expect(apply(.equal, left, left, returnsBool: true) == SampleOutcome(.float(1)))
        #expect(apply(.notEqual, left, left, returnsBool: true) == SampleOutcome(.float(0)))
        for operation in [BinaryOperator.less, .multiply, .divide, .power, .trimLower] {
            #expect(apply(operation, left, left) == SampleOutcome(nil, .incompatibleTypes))
        }
        for operation in [BinaryOperator.add, .equal, .subtract, .arcTangent, .less] {
            #expect(apply(operation, left, .float(1)) == SampleOutcome(nil, .incompatibleTypes))
            #expect(
                apply(operation, .float(1), left, returnsBool: operation.isComparison)
                    == SampleOutcome(nil, .incompatibleTypes)
            )
        }
    }

    @Test func `Differences are gauges, sums keep their hint`() {
        let left = SampleValue.histogram(Self.histogram)
        guard case .histogram(let difference)? = apply(.subtract, left, left).value,
            case .histogram(let sum)? = apply(.add, left, left).value
        else {
            Issue.record("no histogram")
            return
        }
        #expect(difference == Sample.exponential(width: 0.001, hint: .gauge))
        #expect(sum == Self.histogram.multiplied(by: 2))
    }

    @Test func `Layouts that do not fit are noted`() {
        let custom = SampleValue.histogram(Sample.custom([5, 10], [1], sum: 1, count: 1))
        let exponential = SampleValue.histogram(Self.histogram)
        #expect(apply(.add, custom, exponential) == SampleOutcome(nil, .incompatibleBuckets))
        let other = SampleValue.histogram(Sample.custom([10], [1], sum: 1, count: 1))
        let sum = Sample.custom([10], [2], sum: 2, count: 2)
        #expect(
            apply(.add, custom, other)
                == SampleOutcome(.histogram(sum), .boundsReconciledInAddition)
        )
        #expect(
            apply(.subtract, custom, other)
                == SampleOutcome(
                    .histogram(Sample.custom([10], hint: .gauge)),
                    .boundsReconciledInSubtraction
                )
        )
    }

    @Test func `Floats behave as ever`() {
        #expect(apply(.add, .float(1), .float(2)) == SampleOutcome(.float(3)))
        #expect(apply(.less, .float(1), .float(2)) == SampleOutcome(.float(1)))
        #expect(apply(.less, .float(2), .float(1)) == SampleOutcome(nil))
        #expect(apply(.less, .float(2), .float(1), returnsBool: true) == SampleOutcome(.float(0)))
        #expect(
            apply(.trimUpper, .float(2), .float(1)) == SampleOutcome(nil, .incompatibleTypes)
        )
    }

    @Test func `Trimming is told from its mirror image`() {
        let only = Sample.custom([5, 10], [1, 2], sum: 10, count: 3)
        let left = SampleValue.histogram(only)
        #expect(
            apply(.trimUpper, left, .float(5))
                == SampleOutcome(.histogram(only.trimmed(at: 5, keeping: .below)))
        )
        #expect(
            apply(.trimLower, left, .float(5))
                == SampleOutcome(.histogram(only.trimmed(at: 5, keeping: .above)))
        )
    }
}

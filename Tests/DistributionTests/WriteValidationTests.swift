import Distribution
import MetricsModel
import Testing

@Suite struct WriteValidationTests {
    @Test(
        arguments: [
            (["__name__": "up"], nil), (["__name__": "größe", "名": "値"], nil),
            (["job": "a"], .missingMetricName), ([:], .missingMetricName),
            (
                ["__name__": "up", "abcdefghij": "1"],
                .labelNameTooLong(name: "abcdefghij", length: 10, limit: 9)
            ),
            (
                ["__name__": "up", "a": "123456789"],
                .labelValueTooLong(name: "a", length: 9, limit: 8)
            ),
            (
                ["__name__": "metric_of_length"],
                .labelValueTooLong(name: "__name__", length: 16, limit: 8)
            ),
            (
                ["__name__": "up", "a": "1", "b": "2", "c": "3"],
                .tooManyLabelNames(count: 4, limit: 3)
            ),
            (
                ["__name__": "12345678", "abcd": "12345678", "b": "12345678"],
                .labelsSizeExceeded(size: 37, limit: 36)
            ),
        ] as [(Labels, SeriesFault?)]
    )
    func `series are held to the limits`(labels: Labels, fault: SeriesFault?) {
        var limits = WriteLimits()
        limits.maximumLabelNamesPerSeries = 3
        limits.maximumLabelNameLength = 9
        limits.maximumLabelValueLength = 8
        limits.maximumLabelsSize = 36
        #expect(Self.fault(of: labels.key, limits) == fault)
    }

    @Test func `names and values must be UTF-8`() {
        let limits = WriteLimits()
        #expect(Self.fault(of: Self.key([("__name__", [0xff])]), limits) == .metricNameInvalid)
        #expect(
            Self.fault(of: Self.key([("__name__", [0x61]), ("a", [0xc3])]), limits)
                == .labelValueInvalid(name: "a")
        )
        let badName = SeriesKeyBytes.label([0xed, 0xa0, 0x80], [0x61])
        #expect(
            Self.fault(of: Self.key([("__name__", [0x61])]) + badName, limits)
                == .labelNameInvalid(name: "\u{fffd}\u{fffd}\u{fffd}")
        )
    }

    @Test func `defaults are those of the documentation`() {
        let limits = WriteLimits()
        #expect(limits.maximumLabelNamesPerSeries == 60)
        #expect(limits.maximumLabelNameLength == 1024)
        #expect(limits.maximumLabelValueLength == 2048)
        #expect(limits.creationGracePeriodMilliseconds == 600_000)
        #expect(limits.maximumSampleAgeMilliseconds == nil)
    }

    @Test func `every reason has Cortex' name`() {
        #expect(DiscardReason(rawValue: "max_label_names_per_series") == .tooManyLabelNames)
        #expect(SeriesFault.missingMetricName.reason.rawValue == "missing_metric_name")
        #expect(SeriesFault.duplicateLabelName("a").reason.rawValue == "duplicate_label_names")
        #expect(Set(DiscardReason.allCases.map(\.rawValue)).count == DiscardReason.allCases.count)
    }

    private static func fault(of key: [UInt8], _ limits: WriteLimits) -> SeriesFault? {
        key.withUnsafeBytes { key in
            do throws(SeriesFault) {
                try WriteValidation(limits: limits).check(key)
                return nil
            } catch {
                return error
            }
        }
    }

    private static func key(_ pairs: [(String, [UInt8])]) -> [UInt8] {
        pairs.flatMap { SeriesKeyBytes.label(Array($0.0.utf8), $0.1) }
    }
}

/// Labels with bytes that no string has.
private enum SeriesKeyBytes {
    static func label(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
        var key: [UInt8] = []
        name.withUnsafeBufferPointer { name in
            value.withUnsafeBufferPointer { SeriesKey.append(name: name, value: $0, to: &key) }
        }
        return key
    }
}

import MetricsModel
import NIOCore
import Testing

@testable import PrometheusAPI

@Suite struct JSONBufferTests {
    @Test(arguments: [
        ("", "\"\""), ("up", "\"up\""), ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""),
        ("\n\r\t", "\"\\n\\r\\t\""), ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\\u007f\""),
        ("<a>&", "\"\\u003ca\\u003e\\u0026\""), ("é😀", "\"é😀\""), ("a/b", "\"a/b\""),
    ])
    func `strings are escaped`(text: String, json: String) {
        #expect(written { $0.string(text) } == json)
    }

    @Test func `bytes that are not UTF-8 become replacement characters`() {
        let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0x28, 0x62]
        let json = written { json in bytes.withUnsafeBufferPointer { json.string($0) } }
        #expect(json == "\"a\u{FFFD}\u{FFFD}(b\"")
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.001"), (-1, "-0.001"), (50, "0.050"), (999, "0.999"), (1000, "1"),
            (-1500, "-1.500"), (1_435_781_451_781, "1435781451.781"),
            (1_435_781_451_050, "1435781451.050"), (1_435_781_451_000, "1435781451"),
            (.max, "9223372036854775.807"), (.min, "-9223372036854775.808"),
        ] as [(Int64, String)]
    )
    func `timestamps have three decimals or none`(milliseconds: Int64, text: String) {
        #expect(written { $0.timestamp(milliseconds) } == text)
    }

    @Test(arguments: [0, 1, 9, 10, 12_345, UInt64.max])
    func `integers are plain`(value: UInt64) {
        #expect(written { $0.integer(value) } == String(value))
    }

    @Test func `labels are an object in order of name`() {
        #expect(
            written { $0.labels(["job": "a\"", "__name__": "up"]) }
                == "{\"__name__\":\"up\",\"job\":\"a\\\"\"}"
        )
        #expect(written { $0.labels(.empty) } == "{}")
    }

    private func written(_ write: (inout JSONBuffer) -> Void) -> String {
        var json = JSONBuffer()
        write(&json)
        return String(buffer: json.bytes)
    }
}

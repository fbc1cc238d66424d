import HTTPTypes
import RemoteWrite
import Testing

@testable import PrometheusAPI

@Suite struct TimeParameterTests {
    @Test(
        arguments: [
            ("0", 0), ("1", 1000), ("-1.5", -1500), ("1435781451.781", 1_435_781_451_781),
            ("1435781451.7814", 1_435_781_451_781), ("1435781451.7816", 1_435_781_451_782),
            ("1e3", 1_000_000), ("9.3e15", .max), ("-9.3e15", .min), ("1e300", .max),
            ("-1e400", .min), ("+Inf", .max), ("-Inf", .min),
            ("1970-01-01T00:00:00Z", 0), ("2015-07-01T20:10:51.781Z", 1_435_781_451_781),
            ("2015-07-01t20:10:51.781z", 1_435_781_451_781),
            ("2015-07-01T22:10:51.781+02:00", 1_435_781_451_781),
            ("2015-07-01T14:40:51.781-05:30", 1_435_781_451_781),
            ("2015-07-01T20:10:51.7Z", 1_435_781_451_700),
            ("2015-07-01T20:10:51.781999999Z", 1_435_781_451_781),
            ("1969-12-31T23:59:59.001Z", -999), ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
            ("1600-02-29T00:00:00Z", -11_670_998_400_000),
            ("-292273086-05-16T16:47:06Z", .min), ("292277025-08-18T07:12:54.999999999Z", .max),
        ] as [(String, Int64)]
    )
    func `times are read`(text: String, milliseconds: Int64) {
        #expect(TimeParameter.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", " ", "now", "NaN", "1s", "2015-07-01", "2015-07-01T20:10:51", "2015-07-01 20:10:51Z",
        "2015-13-01T00:00:00Z", "2015-00-01T00:00:00Z", "2015-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2015-04-31T00:00:00Z", "2015-01-00T00:00:00Z",
        "2015-01-01T24:00:00Z", "2015-01-01T00:60:00Z", "2015-01-01T00:00:60Z",
        "2015-01-01T00:00:00.Z", "2015-01-01T00:00:00+2:00", "2015-01-01T00:00:00+0200",
        "2015-01-01T00:00:00+24:00", "2015-01-01T00:00:00+02:60", "2015-01-01T00:00:00ZZ",
        "15-01-01T00:00:00Z", "２015-01-01T00:00:00Z", "1,5",
    ])
    func `what is no time is refused`(text: String) {
        #expect(TimeParameter.milliseconds(text) == nil)
    }
}

@Suite struct FormParametersTests {
    @Test func `names and values are decoded`() {
        var form = FormParameters()
        form.add(urlEncoded: "query=up%7Bjob%3D%22a%2Bb%22%7D+%2b+1&time=5&%6Datch%5B%5D=x")
        #expect(form.first("query") == "up{job=\"a+b\"} + 1")
        #expect(form.first("time") == "5")
        #expect(form.all("match[]") == ["x"])
        #expect(form.first("start") == nil)
        #expect(form.all("start") == [])
    }

    @Test func `repeated names keep their order, over all sources`() {
        var form = FormParameters()
        form.add(urlEncoded: "m=1&x=&m=2")
        form.add(urlEncoded: "m=3")
        #expect(form.all("m") == ["1", "2", "3"])
        #expect(form.first("m") == "1")
        #expect(form.first("x") == nil)
        #expect(form.all("x") == [""])
    }

    @Test(arguments: [
        ("a=%", "%"), ("a=%4", "%4"), ("a=%zz", "%zz"), ("a=100%25", "100%"), ("a=b=c", "b=c"),
        ("a==", "="), ("&&a=1&", "1"), ("a=%C3%A9", "é"), ("a=%FF", "\u{FFFD}"),
        ("x=1&\u{301}y=2&a=3", "3"),
    ])
    func `broken escapes stand for themselves`(text: String, value: String) {
        var form = FormParameters()
        form.add(urlEncoded: text)
        #expect(form.first("a") == value)
    }

    @Test(arguments: [("a%20b", "a b"), ("a+b", "a+b"), ("a%2Bb", "a+b"), ("%C3%A9%", "é%")])
    func `parts of paths are decoded, and keep their plus`(text: String, part: String) {
        #expect(FormParameters.decode(pathPart: text) == part)
    }

    @Test func `a separator with a combining mark behind it still separates`() {
        var form = FormParameters()
        form.add(urlEncoded: "a=1&\u{301}b=2")
        #expect(form.first("a") == "1")
    }
}

@Suite struct EscapedLabelNameTests {
    @Test(arguments: [
        ("job", "job"), ("a.b", "a.b"), ("U__job", "job"), ("U__a_2e_b", "a.b"),
        ("U__a_2E_b", "a.b"), ("U__a__b", "a_b"), ("U___1F600_", "\u{1F600}"), ("U__", ""),
        ("U__a____", "a__"), ("u__a_2e_b", "u__a_2e_b"),
    ])
    func `escapes are undone behind the prefix`(text: String, name: String) {
        #expect(EscapedLabelName.unescape(text) == name)
    }

    @Test(arguments: [
        "U__a_", "U__a_2e", "U__a_zz_", "U__a_d800_", "U__a_110000_", "U__a_0000041_", "U___+41_",
        "U___-_",
    ])
    func `broken escapes are refused`(text: String) {
        #expect(EscapedLabelName.unescape(text) == nil)
    }
}

@Suite struct WriteContentTests {
    @Test(arguments: [
        (String?.none, String?.none, WriteVersion?.some(.one)),
        ("application/x-protobuf", "snappy", .one),
        ("application/x-protobuf;proto=prometheus.WriteRequest", "snappy", .one),
        ("Application/X-Protobuf; Proto=prometheus.WriteRequest", "Snappy", .one),
        ("application/x-protobuf; charset=utf-8", "snappy", .one),
        ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy", .two),
        ("application/x-protobuf; proto=io.prometheus.write.v2.Request", nil, .two),
        ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "zstd", nil),
        ("application/x-protobuf;proto=io.prometheus.write.v3.Request", "snappy", nil),
        ("application/json", "snappy", nil), ("text/plain", nil, nil), ("", nil, nil),
        ("application/x-protobuf", "gzip", nil), ("application/x-protobuf", "zstd", nil),
        ("application/x-protobuf", "", nil),
    ])
    func `remote write 1 and 2 in snappy are taken, nothing else`(
        type: String?,
        encoding: String?,
        version: WriteVersion?
    ) {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.contentEncoding] = encoding
        #expect((try? WriteContent.version(headers)) == version)
    }
}

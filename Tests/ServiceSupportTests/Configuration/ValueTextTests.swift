import ServiceSupport
import TestSupport
import Testing

@Suite struct ValueTextTests {
    @Test(arguments: [
        ("0", 0), ("0s", 0), ("24h", 86_400_000), ("15s", 15_000), ("1h30m", 5_400_000),
        ("100ms", 100), ("1m100ms", 60_100), ("2w", 1_209_600_000), ("30d", 2_592_000_000),
        ("9223372036854775807ms", Int64.max),
    ])
    func `durations are read`(text: String, milliseconds: Int64) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "1", "h", "-1s", "1.5h", " 1s", "1s ", "1h1h", "1m1h", "1H", "1s1", "1y",
        "9223372036854775808ms", "9223372036854775807s", "106751991167d9223372036854775807ms",
    ])
    func `what is no duration is refused`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        (0, "0"), (1, "1ms"), (86_400_000, "24h"), (172_800_000, "2d"), (90_061_001, "25h1m1s1ms"),
        (2_592_000_000, "30d"), (60_000, "1m"),
    ])
    func `durations are written shortly`(milliseconds: Int64, text: String) {
        #expect(DurationText.format(.milliseconds(milliseconds)) == text)
    }

    @Test func `a written duration reads back the same`() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<2000 {
            // All magnitudes are equally likely, so that every combination of units comes up.
            let value = Int64.random(in: 0...(Int64.max >> Int64(round % 63)), using: &generator)
            let duration = Duration.milliseconds(value)
            let text = DurationText.format(duration)
            #expect(DurationText.parse(text) == duration, "\(value) was written \(text)")
        }
    }

    @Test(arguments: [
        ("0", 0), ("17", 17), ("17B", 17), ("64KiB", 65_536), ("100MiB", 104_857_600),
        ("1GiB", 1 << 30), ("1MB", 1_000_000), ("5KB", 5000), ("2GB", 2_000_000_000),
    ])
    func `sizes are read, and written so that they read back`(text: String, bytes: Int) {
        let size = ByteCount(text)
        #expect(size?.bytes == bytes)
        #expect(size.flatMap { ByteCount($0.description) } == size)
    }

    @Test(arguments: ["", "B", "MiB", "-1", "1.5MiB", "1 MiB", "1mib", "9999999999GiB", "1MiBB"])
    func `what is no size is refused`(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:9009", "127.0.0.1", 9009), (":0", "0.0.0.0", 0), ("[::1]:80", "::1", 80),
        ("ingester-1.local:65535", "ingester-1.local", 65_535),
    ])
    func `addresses are read`(text: String, host: String, port: Int) {
        #expect(NetworkAddress(text) == NetworkAddress(host: host, port: port))
    }

    @Test(arguments: ["", "9009", "host", "host:", "host:65536", "::1:80", "[]:1", "a b:1", "h:+1"])
    func `what is no address is refused`(text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test func `an address with IPv6 is written in brackets`() {
        #expect(NetworkAddress(host: "::1", port: 80).description == "[::1]:80")
    }
}

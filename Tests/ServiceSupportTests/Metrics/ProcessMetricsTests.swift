import Glibc
import ServiceSupport
import Testing

@Suite struct ProcessMetricsTests {
    private func value(_ name: String) -> Double? {
        ProcessMetrics.collect().first { $0.name == name }?.series.first?.value.asDouble
    }

    @Test func `the kernel's figures of this process are plausible`() throws {
        let memory = try #require(value("process_resident_memory_bytes"))
        #expect(memory > 1e6 && memory < 1e11)
        let cpu = try #require(value("process_cpu_seconds_total"))
        #expect(cpu >= 0 && cpu < 1e6)
        let start = try #require(value("process_start_time_seconds"))
        let now = Double(time(nil))
        #expect(start <= now + 2 && start > now - 86_400 * 365)
    }

    @Test func `open files are counted, the standard ones at least`() throws {
        let count = try #require(value("process_open_fds"))
        #expect(count >= 3 && count < 100_000)
    }

    @Test func `the build information carries the version`() {
        let families = ProcessMetrics.buildInformation(version: "1.2.3")()
        #expect(
            PrometheusText.render(families) == """
                # HELP engram_build_info Always 1; the label is the version that runs.
                # TYPE engram_build_info gauge
                engram_build_info{version="1.2.3"} 1

                """
        )
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetryKeysTest {

    @Test
    void readsWhatACollectorNeeds() {
        Settings settings = Settings.gather(
                Optional.empty(),
                Map.of(
                        "MCP_MTLS_TELEMETRY_OTLP", "https://collector.example:4318/tenant",
                        "MCP_MTLS_TELEMETRY_SAMPLING", "0.25",
                        "MCP_MTLS_TELEMETRY_PARENTS", "link",
                        "MCP_MTLS_TELEMETRY_HEADER_FILES", "Authorization=collector.token,X-Tenant=/etc/tenant"),
                List.of());

        assertThat(settings.find(TelemetryKeys.OTLP)).contains(URI.create("https://collector.example:4318/tenant"));
        assertThat(settings.get(TelemetryKeys.SAMPLING)).isEqualTo(0.25);
        assertThat(settings.get(TelemetryKeys.PARENTS)).isEqualTo(TelemetryKeys.Parents.LINK);
        assertThat(settings.get(TelemetryKeys.HEADER_FILES))
                .containsExactly(
                        Map.entry("Authorization", Path.of("collector.token")),
                        Map.entry("X-Tenant", Path.of("/etc/tenant")));
        assertThat(settings.get(TelemetryKeys.IDENTITY)).isFalse();
        assertThat(settings.get(TelemetryKeys.METRICS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "OTLP, grpc://localhost:4317, no address of a collector",
        "OTLP, localhost:4318, no address of a collector",
        "OTLP, http://user:secret@host, no address of a collector",
        "OTLP, http://localhost:4318/v1/traces, the address of one signal",
        "SAMPLING, 1.5, no fraction",
        "SAMPLING, 10%, no fraction",
        "PARENTS, ignore, none of follow",
        "HEADER_FILES, Authorization, no header with its file",
        "HEADER_FILES, =x, no header with its file",
    })
    void refusesWhatCannotWork(String key, String value, String why) {
        assertThatThrownBy(
                        () -> Settings.gather(Optional.empty(), Map.of("MCP_MTLS_TELEMETRY_" + key, value), List.of()))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining(why);
    }
}

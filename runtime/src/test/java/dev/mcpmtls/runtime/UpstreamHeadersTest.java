// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.ServerEntry.HeaderText;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Secret headers come from files that may change, and a file that cannot be used changes nothing. */
@Timeout(30)
class UpstreamHeadersTest {

    @TempDir
    private Path store;

    private Settings settings;

    @BeforeEach
    void load() throws IOException {
        settings = Settings.load(Files.writeString(store.resolve("mcp-mtls.yaml"), "dir: " + store + "\n"));
    }

    private UpstreamHeaders headers(HeaderText.Kind kind, String text) {
        return new UpstreamHeaders(settings, Map.of("Authorization", new HeaderText(kind, text)));
    }

    private static boolean comesTrue(UpstreamHeaders headers, String value) {
        long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!value.equals(headers.now().get("Authorization"))) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(50_000_000);
        }
        return true;
    }

    @Test
    void aChangedFileCountsWithinSecondsAndAnUnusableOneDoesNot() throws IOException {
        Path secret = Files.writeString(store.resolve("secret"), "Bearer one\nnot this\n");
        UpstreamHeaders headers = headers(HeaderText.Kind.FILE, "secret");
        assertThat(headers.now()).containsEntry("Authorization", "Bearer one");

        Files.writeString(secret, "Bearer two\r\n");
        assertThat(comesTrue(headers, "Bearer two")).isTrue();

        Files.writeString(secret, "Bearer\u0001three");
        Files.writeString(store.resolve("marker"), "x");
        long end = System.nanoTime() + Duration.ofMillis(2_500).toNanos();
        while (System.nanoTime() < end) {
            assertThat(headers.now()).containsEntry("Authorization", "Bearer two");
            LockSupport.parkNanos(50_000_000);
        }
        Files.writeString(secret, "Bearer four");
        assertThat(comesTrue(headers, "Bearer four")).isTrue();
    }

    @Test
    void aHeaderThatCannotBeSetStopsTheStartAndItsValueIsNotTold() throws IOException {
        assertThatThrownBy(() -> headers(HeaderText.Kind.FILE, "missing"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("Authorization");
        assertThatThrownBy(() -> headers(HeaderText.Kind.ENV, "NO_SUCH_VARIABLE_OF_OURS"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("NO_SUCH_VARIABLE_OF_OURS");
        assertThatThrownBy(() -> headers(HeaderText.Kind.VALUE, "secret\u0001value"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageNotContaining("secret");
        assertThat(headers(HeaderText.Kind.VALUE, "plain").now()).containsEntry("Authorization", "plain");
    }
}

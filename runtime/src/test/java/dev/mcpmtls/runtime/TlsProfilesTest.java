// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TrustReloadFailed;
import dev.mcpmtls.audit.AuditEvent.TrustReloaded;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.runtime.settings.Assignment;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.reload.FileWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsProfilesTest {

    @TempDir
    private Path store;

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA");
    private final Issued echo = ca.server("echo");
    private final List<AuditEvent> events = new CopyOnWriteArrayList<>();

    @Test
    void staplesTheResponseThatIsNamedAfterTheCredential() throws IOException {
        Files.createDirectory(store.resolve("ocsp"));
        ca.ocsp(echo.leaf()).writeTo(store.resolve("ocsp/echo.der"));
        serve();
        assertThat(events)
                .anySatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(
                                TrustReloaded.class,
                                taken -> assertThat(taken.what()).contains("ocsp/echo.der for echo")));
    }

    @Test
    void servesWithoutTheResponse() {
        serve();
        assertThat(events)
                .anySatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(
                                TrustReloadFailed.class,
                                failed -> assertThat(failed.why()).contains("ocsp/echo.der does not exist")));
    }

    private void serve() {
        echo.writeTo(store.resolve("credentials/echo"), ca.certificate());
        Settings settings = Settings.gather(
                Optional.empty(),
                Map.of(),
                List.of(
                        Assignment.ofText(Keys.DIR, store.toString(), "--dir"),
                        Assignment.ofText(TlsKeys.OCSP_RESPONSE, "ocsp/<name>.der", "--ocsp-response")));
        AuditSink audit = event -> {
            events.add(event);
            return CompletableFuture.completedFuture(null);
        };
        try (FileWatch watch = new FileWatch(audit, InstantSource.system())) {
            assertThat(TlsProfiles.watchedProfile(settings, "echo", watch, audit))
                    .isNotNull();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authority.Issued.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A deletion removes a credential from the store, and revokes its certificates unless they should stay valid. */
class DeletionTest {

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    private Store store;
    private Authority authority;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        fixed.events.clear();
        authority = fixed.open(store);
    }

    @Test
    void revokesWhatItRemoves() throws IOException {
        long list = Files.size(store.revocationList());

        List<Issued> revoked = authority.delete("echo", Optional.of(RevocationReason.CESSATION_OF_OPERATION));

        assertThat(revoked).singleElement().satisfies(issued -> {
            assertThat(issued.credential()).isEqualTo("echo");
            assertThat(issued.status(fixed.now)).isEqualTo(Status.REVOKED);
        });
        assertThat(store.credentialNames()).containsExactly("coordinator", "datetime", "weather");
        assertThat(directory.resolve("store/credentials/.versions/echo")).doesNotExist();
        assertThat(Files.size(store.revocationList())).isGreaterThan(list);
        assertThat(fixed.events).singleElement().isInstanceOf(AuditEvent.CertificateRevoked.class);
    }

    @Test
    void leavesTheCertificateGoodWhenToldTo() {
        assertThat(authority.delete("echo", Optional.empty())).isEmpty();

        assertThat(store.credentialNames()).doesNotContain("echo");
        assertThat(authority.issued())
                .extracting(issued -> issued.status(fixed.now))
                .containsOnly(Status.VALID);
        assertThat(directory.resolve("store/authority/journal"))
                .content()
                .contains("deleted 2026-11-22T10:00:00Z echo");
    }

    @Test
    void finishesWhatAKilledProcessLeft() throws IOException {
        Files.delete(store.credential("echo"));

        authority.delete("echo", Optional.of(RevocationReason.UNSPECIFIED));

        assertThat(directory.resolve("store/credentials/.versions/echo")).doesNotExist();
        assertThatThrownBy(() -> authority.delete("echo", Optional.empty()))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("there is no credential 'echo'");
    }

    @Test
    void makesRoomForAnotherOfTheName() {
        authority.delete("echo", Optional.of(RevocationReason.UNSPECIFIED));

        authority.issue(Grant.server("demo.local", "echo"), KeyType.EC_P256);

        assertThat(fixed.open(store).renewable()).contains("echo");
    }

    @Test
    void withoutThePassphraseNothingIsRevoked() {
        Store locked = Store.at(directory.resolve("locked"));
        Passphrase right = Passphrase.of("right".toCharArray());
        fixed.initialise(locked, AuthorityProfile.standard("demo.local"), Optional.of(right));
        Passphrase wrong = Passphrase.of("wrong".toCharArray());

        for (Optional<Passphrase> given : List.of(Optional.<Passphrase>empty(), Optional.of(wrong))) {
            Authority closed = Authority.open(locked, given, fixed.surroundings);
            assertThatThrownBy(() -> closed.delete("echo", Optional.of(RevocationReason.SUPERSEDED)))
                    .isInstanceOf(AuthorityException.class);
            assertThatThrownBy(() -> closed.revoke("weather", RevocationReason.SUPERSEDED))
                    .isInstanceOf(AuthorityException.class);
        }

        assertThat(fixed.open(locked).issued())
                .extracting(issued -> issued.status(fixed.now))
                .containsOnly(Status.VALID);
        assertThat(locked.credentialNames()).contains("echo", "weather");
    }

    @Test
    void leavesADirectoryThatWasNotMadeHere() throws IOException {
        Path theirs = Files.createDirectory(store.credential("theirs"));

        assertThatThrownBy(() -> authority.delete("theirs", Optional.empty()))
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessageContaining("was not created here");
        assertThat(theirs).isDirectory();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.pkcs.PKCSException;

/**
 * The keys this authority signs with, on disk: the current issuer, and during a change of authority the next or the previous
 * one. They change together, as one directory. Keys are opened when first needed. Callers hold the store's lock, or only read
 * certificates.
 */
final class Issuers {

    /** The part an issuer plays. */
    enum Slot {
        /** Signs leaves. */
        CURRENT,
        /** Trusted already, signs nothing yet. */
        NEXT,
        /** Signs no more leaves, but still revokes those it signed. */
        PREVIOUS;

        String file(String name) {
            return name().toLowerCase(Locale.ROOT) + "/" + name;
        }
    }

    static final String PATH = "ca.crt";
    static final String KEY = "ca.key";
    static final String ROOT_KEY = "root.key";
    static final String ROOT_LIST = "root.crl";

    private final SwappedDirectory directory;
    private final Optional<Passphrase> passphrase;
    private final Map<Slot, List<X509Certificate>> paths = new EnumMap<>(Slot.class);
    private final Map<Slot, Issuer> opened = new EnumMap<>(Slot.class);
    private Optional<Path> version = Optional.empty();

    Issuers(SwappedDirectory directory, Optional<Passphrase> passphrase) {
        this.directory = directory;
        this.passphrase = passphrase;
    }

    /** Writes the files of a new authority that has only a current issuer. */
    void create(AuthorityProfile profile, Surroundings surroundings) {
        directory.replace(NewIssuer.files(profile, Slot.CURRENT, passphrase, surroundings));
    }

    /** The issuer of a slot with its key opened; empty when the slot is empty. */
    synchronized Optional<Issuer> issuer(Slot slot) {
        refresh();
        if (!paths.containsKey(slot)) {
            return Optional.empty();
        }
        return Optional.of(opened.computeIfAbsent(slot, this::open));
    }

    /** Where holders of our certificates should start verification: the current anchor first. */
    synchronized List<X509Certificate> anchors() {
        refresh();
        return paths.values().stream()
                .map(path -> path.get(path.size() - 1))
                .distinct()
                .toList();
    }

    /** The issuer's own certificate; empty when the slot is empty. */
    synchronized Optional<X509Certificate> certificate(Slot slot) {
        refresh();
        return Optional.ofNullable(paths.get(slot)).map(path -> path.get(0));
    }

    /** The revocation lists that roots signed when they made their intermediate, in PEM. */
    synchronized List<byte[]> rootLists() {
        Map<String, byte[]> files = directory.read(
                Stream.of(Slot.values()).map(slot -> slot.file(ROOT_LIST)).toList());
        return new ArrayList<>(new LinkedHashMap<>(files).values());
    }

    private void refresh() {
        try {
            Path now = directory.path().toRealPath();
            if (version.isPresent() && version.get().equals(now)) {
                return;
            }
            paths.clear();
            opened.clear();
            for (Slot slot : Slot.values()) {
                Path file = now.resolve(slot.file(PATH));
                if (Files.exists(file)) {
                    paths.put(slot, Pem.parseCertificates(Files.readAllBytes(file)));
                }
            }
            version = Optional.of(now);
        } catch (IOException | CertificateException e) {
            throw new AuthorityException.StoreFailed(directory.path(), "holds no usable authority", e);
        }
    }

    private Issuer open(Slot slot) {
        Path file = directory.path().resolve(slot.file(KEY));
        List<X509Certificate> path = paths.get(slot);
        if (path == null) {
            throw new IllegalStateException("nothing in slot " + slot);
        }
        if (!Files.exists(file)) {
            throw new AuthorityException.Unavailable(
                    file + " is not here; bring the authority's key back, or work where it is kept");
        }
        OwnerOnly.check(file);
        return new Issuer(path, key(file));
    }

    private PrivateKey key(Path file) {
        try {
            byte[] pem = Files.readAllBytes(file);
            if (!Pem.isEncrypted(pem)) {
                return Pem.parseKey(pem);
            }
            Passphrase secret = passphrase.orElseThrow(
                    () -> new AuthorityException.Unavailable(file + " is encrypted; give the authority's passphrase"));
            return Pem.parseKey(pem, secret);
        } catch (PKCSException e) {
            throw new AuthorityException.Unavailable(
                    file + " cannot be opened with this passphrase; check it and try again");
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(file, "is not a usable key", e);
        }
    }
}

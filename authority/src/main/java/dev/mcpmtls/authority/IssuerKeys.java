// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.PrivateKeys;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The private keys of issuers: each in a file of its own, encrypted or not, or in a token that the file names. */
final class IssuerKeys {

    private final Optional<Passphrase> passphrase;
    private char @Nullable [] refusedPin;

    IssuerKeys(Optional<Passphrase> passphrase) {
        this.passphrase = passphrase;
    }

    /**
     * A key that was just made, or found in a token.
     *
     * @param file the content of the file that keeps it
     * @param named takes its first certificate
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record New(PublicKey publicKey, SigningKey signing, byte[] file, Consumer<X509Certificate> named) {

        @Override
        public String toString() {
            return "New[key redacted]";
        }
    }

    /**
     * A key for a new issuer.
     *
     * @param token where it is to be; a key of that label is used, else one is made
     */
    New create(KeyType type, Optional<Pkcs11Key> token, SecureRandom random) {
        if (token.isPresent()) {
            return inToken(type, token.get());
        }
        KeyPair pair = type.generate(random);
        byte[] file = passphrase
                .map(secret -> EncryptedKeys.encode(pair.getPrivate(), pair.getPublic(), secret, random))
                .orElseGet(() -> Pem.key(pair.getPrivate(), pair.getPublic()));
        return new New(pair.getPublic(), new MemoryKey(pair.getPrivate()), file, certificate -> {});
    }

    private New inToken(KeyType type, Pkcs11Key where) {
        Token token = login(where);
        Optional<KeyPair> found = token.find();
        KeyPair pair = found.orElseGet(() -> token.generate(type));
        SigningKey signing = new TokenKey(where, pair, token, () -> login(where));
        signing.check();
        return new New(pair.getPublic(), signing, where.text(), certificate -> {
            if (found.isEmpty()) {
                token.name(pair.getPrivate(), certificate);
            }
        });
    }

    /** The same place with a label that the token does not have yet: the next issuer never takes over a key. */
    Pkcs11Key unused(Pkcs11Key where) {
        Token token = login(where);
        String stem = where.label().replaceFirst("-[0-9]{1,4}$", "");
        for (int number = 2; number < 10_000; number++) {
            String label = stem + "-" + number;
            if (!token.holds(label)) {
                return where.labelled(label);
            }
        }
        throw new AuthorityException.Refused("the token has no room for another key like " + where);
    }

    /** Where the key of a file is; empty when the file has it itself. */
    static Optional<Pkcs11Key> token(Path file) {
        try {
            byte[] content = Files.exists(file) ? SmallFiles.read(file, SwappedDirectory.MAX_FILE_BYTES) : new byte[0];
            return Pkcs11Key.isIn(content) ? Optional.of(Pkcs11Key.parse(content)) : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw new AuthorityException.StoreFailed(file, "does not say where the authority's key is", e);
        }
    }

    /** The key in a file of the store, which only its owner can read. */
    SigningKey own(Path file, PublicKey owner) {
        if (!Files.exists(file)) {
            throw new AuthorityException.Unavailable(
                    file + " is not here", "bring the authority's key back, or work where it is kept");
        }
        try {
            SmallFiles.requireRegular(file);
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(file, "is not a usable key", e);
        }
        requireSecrecy(file);
        return load(file, owner);
    }

    /** The key in any file. */
    SigningKey load(Path file, PublicKey owner) {
        Optional<Pkcs11Key> token = token(file);
        if (token.isPresent()) {
            SigningKey key = new TokenKey(token.get(), owner, () -> login(token.get()));
            key.check();
            return key;
        }
        byte[] pem = new byte[0];
        try {
            pem = SmallFiles.read(file, SwappedDirectory.MAX_FILE_BYTES);
            if (!Pem.isEncrypted(pem)) {
                return new MemoryKey(PrivateKeys.parse(file, pem, new char[0]));
            }
            Passphrase secret = passphrase.orElseThrow(() -> new AuthorityException.Unavailable(
                    file + " is encrypted",
                    "give the authority's passphrase in " + Remedy.of(Setting.AUTHORITY_PASSPHRASE)));
            return new MemoryKey(EncryptedKeys.decode(file, pem, secret));
        } catch (IOException | UnusableCredentialException e) {
            throw new AuthorityException.StoreFailed(file, "is not a usable key", e);
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
    }

    /** A PIN that the token did not take is not tried again: a token locks itself after a few. */
    private Token login(Pkcs11Key where) {
        char[] pin = pin(where);
        try {
            if (Arrays.equals(refusedPin, pin)) {
                throw new AuthorityException.Unavailable(
                        "cannot use " + where + ": the token did not take the PIN, which is not tried again",
                        Token.pin("check it; "));
            }
            return Token.open(where, pin);
        } catch (Token.WrongPin e) {
            refusedPin = pin.clone();
            throw e.told();
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    private char[] pin(Pkcs11Key where) {
        if (passphrase.isPresent()) {
            return passphrase.get().characters().clone();
        }
        Path file = where.pinFile()
                .orElseThrow(
                        () -> new AuthorityException.Unavailable("cannot use " + where + ": no PIN", Token.pin("")));
        requireSecrecy(file);
        try {
            byte[] content = SmallFiles.read(file, SwappedDirectory.MAX_FILE_BYTES);
            CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(content));
            Arrays.fill(content, (byte) 0);
            int length = 0;
            while (length < text.length() && text.charAt(length) != '\n' && text.charAt(length) != '\r') {
                length++;
            }
            char[] pin = Arrays.copyOf(text.array(), length);
            Arrays.fill(text.array(), '\0');
            return pin;
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(file, "does not give the PIN", e);
        }
    }

    /** Refuses a key that others can read, because they may have copied it. */
    private static void requireSecrecy(Path key) {
        try {
            Set<PosixFilePermission> others = EnumSet.copyOf(PosixFilePermissions.fromString("---rwxrwx"));
            others.retainAll(Files.getPosixFilePermissions(key));
            if (!others.isEmpty()) {
                throw new AuthorityException.Unavailable(
                        key + " can be read by users other than its owner",
                        "run 'chmod 600 " + key + "' and consider a new authority");
            }
        } catch (UnsupportedOperationException e) {
            return; // no permissions here
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(key, "cannot be read", e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.authority.Pkcs11Key;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.EnrolmentKeys;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Path;
import java.util.Optional;

/** The settings {@code authority.pkcs11}. */
public final class TokenSettings {

    private TokenSettings() {}

    /**
     * Where the key of a new authority is to be; empty when it is a file of the store.
     *
     * @throws BadSettingException when the token is named only in part
     */
    public static Optional<Pkcs11Key> token(Settings settings) {
        Optional<Path> library = settings.find(EnrolmentKeys.PKCS11_LIBRARY);
        Optional<Integer> slot = settings.find(EnrolmentKeys.PKCS11_SLOT);
        if (library.isEmpty() && slot.isEmpty()) {
            return Optional.empty();
        }
        if (library.isEmpty() || slot.isEmpty()) {
            throw new BadSettingException(
                    "a token is named by authority.pkcs11.library and authority.pkcs11.slot together");
        }
        try {
            return Optional.of(new Pkcs11Key(
                    library.get().toAbsolutePath().normalize(),
                    slot.get(),
                    settings.get(EnrolmentKeys.PKCS11_LABEL),
                    settings.find(EnrolmentKeys.PKCS11_PIN_FILE).map(Path::toAbsolutePath)));
        } catch (IllegalArgumentException e) {
            throw new BadSettingException("authority.pkcs11: " + e.getMessage());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

/**
 * Usual temperatures: the means of the coldest and the warmest month.
 *
 * @param january mean of January, degrees Celsius
 * @param july mean of July, degrees Celsius
 */
public record Normals(double january, double july) {

    /** A guess for a place with a known latitude only: warm at the equator, seasons towards the poles. */
    public static Normals ofLatitude(double latitude) {
        double annualMean = 28 - 0.009 * latitude * latitude;
        double halfSwing = Math.abs(latitude) * 0.22 * Math.signum(latitude);
        return new Normals(annualMean - halfSwing, annualMean + halfSwing);
    }
}

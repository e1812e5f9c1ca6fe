/* baselines.h - all methods that purvey is compared with; each is described where it is declared.
 *
 * n is the number of products, H the products that the user bought before the cut-off, p_i in [0, 1) the popularity of
 * recent_buyers.h: what decides where a method is silent.
 */
#ifndef PV_BASELINES_H
#define PV_BASELINES_H

#include "evaluate/baseline.h"

/* score(i) = p_i. */
extern const pv_baseline pv_popular;

/* score(u, i) = companies that bought i lately in the segment of u, + p_i.
 *
 * The segment of u is its value in the first segment column where it has one; without one, and at equal counts, p_i
 * decides. A company is counted by its users of that segment. Absent where the shop has no segment.
 */
extern const pv_baseline pv_popular_in_segment;

/* score(u, i) = orders of u that contain i, + p_i: "personal top frequency, then popular", the strong baseline of
 * next-basket recommendation (Li, Jullien, Ariannezhad, de Rijke, "A Next Basket Recommendation Reality Check", TOIS
 * 2023). */
extern const pv_baseline pv_own_count;

/* score(u, i) = 1 + seconds from the first of the last purchases to the last purchase of i, + p_i for i in H; p_i
 * otherwise. */
extern const pv_baseline pv_last_bought;

/* score(u, i) = sum over j in H and in N(i) of c_ij, c_ij = |U_i and U_j| / sqrt(|U_i| |U_j|), U_i the users who
 * bought i, N(i) the PV_ITEM_KNN_NEIGHBOURS products other than i with the largest c_ij, ties by product order
 * (Deshpande, Karypis, "Item-Based Top-N Recommendation Algorithms", TOIS 2004). Where the sum is 0: p_i - 1.
 *
 * Cost:     sum over users of |H|^2 to build, 8 bytes a neighbour; |H| times some hundred additions a user.
 */
#define PV_ITEM_KNN_NEIGHBOURS 100
extern const pv_baseline pv_item_knn;

/* score(u, i) = sum over j in H, j not i, of -P_ji / P_ii, P = (X'X + lambda I)^-1, X [users x products] 1 where a user
 * bought a product (EASE: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019).
 *
 * Products that nobody bought stand behind the others. Absent above PV_EASE_MOST_PRODUCTS products with purchases.
 *
 * Cost:     n^3 / 2 multiply-adds and 4 n^2 bytes to build (256 MiB at the most); |H| n additions a user.
 */
#define PV_EASE_LAMBDA 500.0
#define PV_EASE_MOST_PRODUCTS 8192
extern const pv_baseline pv_ease;

/* TIFU-kNN (Hu, He, Gao, Zhang, "Modeling Personalized Item Frequency Information for Next-basket Recommendation",
 * SIGIR 2020).
 *
 *   v_u   = 1/m sum_{g = 1..m} r_g^(m - g) 1/t_g sum_{b = 1..t_g} r_b^(t_g - b) x_gb
 *   score = alpha v_u + (1 - alpha) 1/k sum of v over the k users nearest to u by Euclidean distance
 *
 * x_gb [n] marks the products of order b of group g: the orders of u, from old to new, are cut into m groups whose
 * sizes t_g differ by one at most, the later ones larger; with fewer than m orders each is a group. Ties of distance by
 * user number; u is no neighbour of its own. Where the score is 0: p_i - 1. The constants are those that did best on
 * examples/online-retail as of 2010-06-02.
 *
 * Cost:     20 bytes a pair of user and product; for a user the pairs of the products of H, the users, and k rows.
 */
#define PV_TIFU_GROUPS 7
#define PV_TIFU_DECAY_IN_GROUP 0.95
#define PV_TIFU_DECAY_OF_GROUPS 0.7
#define PV_TIFU_NEIGHBOURS 50
#define PV_TIFU_ALPHA 0.3
extern const pv_baseline pv_tifu_knn;

/* score(u, i) = x_u . y_i with the factors of the model (als/als.h), as `--signals als` serves it; products without
 * factors stand behind the others. */
extern const pv_baseline pv_factors_alone;

/* score(u, i) = uniform in [0, 1) by seed, user number and product number. */
extern const pv_baseline pv_random_order;

#endif
